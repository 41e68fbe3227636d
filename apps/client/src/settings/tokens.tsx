import { deviceLinkSchema, newTokenSchema, tokenSchema } from '@coppice/protocol'
import { createResource, createSignal, For, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { exactTime } from '../format/time.ts'
import { Button } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { anything, ask } from './http.ts'
import { SecretOnce } from './secret-once.tsx'

type Kind = 'api' | 'runner'
const kinds: Record<Kind, string> = { api: 'for the API', runner: 'for a runner' }

/** Tokens for programs and runners, and links that sign in another device of one's own. */
export function Tokens(): JSX.Element {
  const [tokens, { refetch }] = createResource(() => ask(tokenSchema.array(), '/api/tokens'))
  const [name, setName] = createSignal('')
  const [kind, setKind] = createSignal<Kind>('api')
  const [made, setMade] = createSignal<{ label: string; value: string; note: string }>()
  const [problem, setProblem] = createSignal<string>()
  const [question, setQuestion] = createSignal<Question>()
  const rows = () => {
    const answer = tokens.latest
    return answer?.ok === true ? answer.data : []
  }
  const listProblem = () => {
    const answer = tokens.latest
    return answer?.ok === false ? answer.message : undefined
  }
  const make = async () => {
    setProblem(undefined)
    const answer = await ask(newTokenSchema, '/api/tokens', {
      method: 'POST',
      body: { name: name().trim(), kind: kind() },
    })
    if (!answer.ok) {
      setProblem(answer.message)
      return
    }
    setMade({
      label: `Token ${answer.data.name}`,
      value: answer.data.token,
      note: 'It is shown only here and only now. Whoever has it acts in your name.',
    })
    setName('')
    void refetch()
  }
  const device = async () => {
    setProblem(undefined)
    const answer = await ask(deviceLinkSchema, '/api/devices', { method: 'POST', body: {} })
    if (answer.ok) {
      setMade({
        label: 'Link for another device',
        value: answer.data.link,
        note: `Open it on your other device; it works once, until ${exactTime(answer.data.expiresAt)}.`,
      })
    } else setProblem(answer.message)
  }
  const revoke = async (tokenId: string) => {
    const answer = await ask(anything, `/api/tokens/${encodeURIComponent(tokenId)}`, { method: 'DELETE' })
    if (!answer.ok) setProblem(answer.message)
    void refetch()
  }
  return (
    <>
      <h2 class="mb-3 text-16 font-semibold">Tokens and devices</h2>
      <div class="row mb-4">
        <Button icon="link" onClick={() => void device()}>
          Sign in another device
        </Button>
        <span class="text-12 text-meta">A link that works once, for a device of your own.</span>
      </div>
      <Show when={made()}>{(secret) => <SecretOnce {...secret()} onClose={() => setMade(undefined)} />}</Show>
      <Show when={problem()}>
        <p class="hint bad" role="alert">
          {problem()}
        </p>
      </Show>
      <div class="group-head">Tokens</div>
      <Show when={listProblem()}>
        <p class="hint bad">{listProblem()}</p>
      </Show>
      <Show when={rows().length > 0} fallback={<p class="text-12 text-meta">No tokens.</p>}>
        <ul class="list">
          <For each={rows()}>
            {(token) => (
              <li class="list-row">
                <Icon name="key" size="small" />
                <span class="row">
                  <span class="font-medium cut">{token.name}</span>
                  <code class="text-meta">{token.start}…</code>
                  <span class="text-12 text-meta">
                    {kinds[token.kind]}, made <Ago at={token.createdAt} suffix="ago" />
                    {token.lastUsedAt === null ? ', never used' : ''}
                  </span>
                </span>
                <Button
                  small
                  look="quiet"
                  danger
                  onClick={() =>
                    setQuestion({
                      title: `Revoke ${token.name}?`,
                      text: 'What uses it is cut off at once.',
                      verb: 'Revoke',
                      danger: true,
                      act: () => void revoke(token.tokenId),
                    })
                  }
                >
                  Revoke …
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <form
        class="row mt-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (name().trim() !== '') void make()
        }}
      >
        <input
          class="input small max-w-60"
          placeholder="Name of the new token"
          aria-label="Name of the new token"
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <label class="input small !w-auto">
          <select
            aria-label="Kind of token"
            value={kind()}
            onChange={(event) => setKind(event.currentTarget.value === 'runner' ? 'runner' : 'api')}
          >
            <option value="api">for the API</option>
            <option value="runner">for a runner</option>
          </select>
        </label>
        <Button type="submit" small disabled={name().trim() === ''}>
          Make
        </Button>
      </form>
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </>
  )
}
