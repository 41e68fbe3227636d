import type { SessionRow } from '@coppice/events'
import { createResource, createSignal, For, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Dialog } from '../parts/overlay.tsx'
import { providerName } from '../parts/provider-mark.tsx'
import { sendMessage, sendToSession } from '../sync/commands.ts'
import { useReplica, useRow } from '../sync/replica-context.tsx'
import { listSecrets, setSecret } from './ask-runner.ts'

/** The way out of "nobody is signed in": a key for the session's provider, and the agent goes on (C-9). */
export default function SetKey(props: { session: SessionRow; onClose: () => void }): JSX.Element {
  const { replica } = useReplica()
  const workspace = useRow('workspaces', () => props.session.workspaceId)
  const of = () => ({
    workspaceId: props.session.workspaceId,
    scope: 'workspace' as const,
    alsoTo: workspace()?.standIns ?? [],
  })
  const [known] = createResource(of, (asked) => listSecrets(replica, asked))
  const [chosen, setChosen] = createSignal<string>()
  const [value, setValue] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  const [saving, setSaving] = createSignal(false)
  const names = () => {
    const answer = known.latest
    return answer?.ok === true ? (answer.keys[props.session.provider] ?? []) : []
  }
  const name = () => chosen() ?? names()[0] ?? ''
  const unanswered = () => {
    const answer = known.latest
    return answer?.ok === false ? answer.message : undefined
  }
  const save = async () => {
    setSaving(true)
    setProblem(undefined)
    const answer = await setSecret(replica, of(), name(), value())
    setSaving(false)
    if (!answer.ok) return setProblem(answer.message)
    // A message that waits goes first; else the agent is told to go on.
    if (props.session.queued > 0) void sendToSession(replica, props.session, 'queue.release', {})
    else void sendMessage(replica, props.session, 'Please continue where you stopped.')
    return props.onClose()
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={`A key for ${providerName(props.session.provider)}`}
      footer={
        <>
          <span class="grow" />
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button
            look="primary"
            disabled={saving() || name() === '' || value().trim() === ''}
            onClick={() => void save()}
          >
            Set and go on
          </Button>
        </>
      }
    >
      <p class="text-supports">
        It goes to the runner and stays there, encrypted. All sessions of this workspace get it; nobody is shown it.
      </p>
      <Show
        when={names().length > 0}
        fallback={
          <p class="hint" role="status">
            {known.loading
              ? 'Asking the runner …'
              : (unanswered() ??
                'This provider takes no key from its environment: sign in with it on the runner’s machine.')}
          </p>
        }
      >
        <Field label="Variable">
          {(ids) => (
            <label class="input">
              <select id={ids.id} value={name()} onChange={(event) => setChosen(event.currentTarget.value)}>
                <For each={names()}>{(one) => <option value={one}>{one}</option>}</For>
              </select>
            </label>
          )}
        </Field>
        <Field label="Value" error={problem()}>
          {(ids) => (
            <input
              id={ids.id}
              class="input mono"
              type="password"
              autofocus
              autocomplete="new-password"
              aria-describedby={ids.describedBy}
              aria-invalid={ids.bad}
              value={value()}
              onInput={(event) => setValue(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && value().trim() !== '' && !saving()) void save()
              }}
            />
          )}
        </Field>
      </Show>
    </Dialog>
  )
}
