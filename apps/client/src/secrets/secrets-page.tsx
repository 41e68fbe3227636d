import type { WorkspaceRow } from '@coppice/events'
import { secretNameSchema, type SecretScope, type ShownSecret } from '@coppice/protocol'
import { createResource, createSignal, For, lazy, Show, type JSX } from 'solid-js'
import { Ago } from '../format/clock.tsx'
import { Button } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { CopiedFiles } from '../settings/copied-files.tsx'
import { EachWorkspace } from '../settings/each-workspace.tsx'
import { SandboxSetting } from '../settings/sandbox-setting.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { namesAsEnv } from './env-text.ts'
import { saveText } from './save-text.ts'
import { StandInSecrets } from './stand-ins.tsx'
import { listSecrets, removeSecret, setSecret, type SecretList } from './ask-runner.ts'

const ImportEnv = lazy(() => import('./import-env.tsx'))

/** Variables that agents get and nobody is shown: of each workspace, and keys that all sessions of a runner get. */
export function Secrets(): JSX.Element {
  const signals = useReplica()
  const workspaces = signals.table('workspaces')
  const users = signals.table('users')
  const runsIt = () => ['owner', 'admin'].includes(users().get(signals.replica.userId)?.role ?? '')
  const firstOfRunners = () => {
    const byRunner = new Map<string, string>()
    for (const { runnerId, workspaceId } of workspaces().values())
      if (!byRunner.has(runnerId)) byRunner.set(runnerId, workspaceId)
    return [...byRunner.values()]
  }
  return (
    <>
      <h2 class="text-16 font-semibold">Secrets</h2>
      <p class="mb-3 text-supports">
        Agents find them in their environment. A value goes to the runner and stays there, encrypted: it is never shown
        again, and is taken out of everything that leaves the runner.
      </p>
      <EachWorkspace fallback={<p class="text-meta">There is no workspace yet. Add a repository first.</p>}>
        {(workspace) => <SecretsOf workspace={workspace()} scope="workspace" title={workspace().name} />}
      </EachWorkspace>
      <Show when={runsIt()}>
        <EachWorkspace of={firstOfRunners()}>
          {(workspace) => (
            <SecretsOf
              workspace={workspace()}
              scope="runner"
              title={`All sessions of runner ${signals.table('runners')().get(workspace().runnerId)?.name ?? ''}`}
            />
          )}
        </EachWorkspace>
      </Show>
    </>
  )
}

function SecretsOf(props: { workspace: WorkspaceRow; scope: SecretScope; title: string }): JSX.Element {
  const signals = useReplica()
  const { replica } = signals
  const members = signals.table('members')
  const of = () => ({
    workspaceId: props.workspace.workspaceId,
    scope: props.scope,
    // A workspace's secrets go to all its runners; a runner's own are its own.
    ...(props.scope === 'workspace' && { alsoTo: props.workspace.standIns ?? [] }),
  })
  const [answer, { mutate, refetch }] = createResource(of, (asked) => listSecrets(replica, asked))
  const [name, setName] = createSignal('')
  const [value, setValue] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  const [saving, setSaving] = createSignal(false)
  const [question, setQuestion] = createSignal<Question>()
  const [importing, setImporting] = createSignal(false)
  const mine = () =>
    [...members().values()].find(
      (one) => one.workspaceId === props.workspace.workspaceId && one.userId === replica.userId,
    )?.role
  const admin = () => mine() === 'owner' || mine() === 'admin'
  const take = (next: SecretList): boolean => {
    setProblem(next.ok ? undefined : next.message)
    if (next.ok) mutate(next)
    return next.ok
  }
  const save = async () => {
    const checked = secretNameSchema.safeParse(name().trim())
    if (!checked.success) return setProblem(`${name().trim()}: ${checked.error.issues[0]?.message ?? 'not a name'}.`)
    setSaving(true)
    const taken = take(await setSecret(replica, of(), checked.data, value()))
    setSaving(false)
    if (!taken) return undefined
    setName('')
    return setValue('')
  }
  const listed = () => {
    const latest = answer.latest
    return latest?.ok === true ? latest.secrets : []
  }
  const unanswered = () => {
    const latest = answer.latest
    return latest?.ok === false ? latest.message : undefined
  }
  return (
    <section class="mb-6" aria-label={`Secrets of ${props.title}`}>
      <div class="group-head">{props.title}</div>
      <Show when={unanswered()}>
        {(message) => (
          <p class="hint" role="status">
            {message()}{' '}
            <Button small look="quiet" onClick={() => void refetch()}>
              Look again
            </Button>
          </p>
        )}
      </Show>
      <Show
        when={listed().length > 0}
        fallback={
          <Show when={unanswered() === undefined}>
            <p class="text-12 text-meta">{answer.loading ? 'Asking the runner …' : 'None yet.'}</p>
          </Show>
        }
      >
        <ul class="list">
          <For each={listed()}>
            {(secret) => (
              <SecretLine
                secret={secret}
                admin={admin()}
                onRemove={() =>
                  setQuestion({
                    title: `Remove ${secret.name}?`,
                    text: 'The value is gone. Agents that start from now on are without it.',
                    verb: 'Remove',
                    danger: true,
                    act: () => void removeSecret(replica, of(), secret.name).then(take),
                  })
                }
              />
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.scope === 'workspace'}>
        <StandInSecrets
          workspace={props.workspace}
          known={answer.latest?.ok === true ? answer.latest.secrets : undefined}
          admin={admin()}
          ask={setQuestion}
        />
      </Show>
      <Show when={problem()}>
        <p class="hint bad" role="alert">
          {problem()}
        </p>
      </Show>
      <Show when={admin()}>
        <form
          class="row mt-2 flex-wrap"
          onSubmit={(event) => {
            event.preventDefault()
            if (name().trim() !== '' && value() !== '') void save()
          }}
        >
          <input
            class="input small mono max-w-60"
            placeholder="NAME"
            aria-label={`Name of a secret of ${props.title}`}
            autocomplete="off"
            spellcheck={false}
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <input
            class="input small mono max-w-60"
            type="password"
            placeholder="Value"
            aria-label={`Value of a secret of ${props.title}`}
            autocomplete="new-password"
            value={value()}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit" small disabled={saving() || name().trim() === '' || value() === ''}>
            {listed().some((one) => one.name === name().trim()) ? 'Replace' : 'Set'}
          </Button>
          <Button small look="quiet" onClick={() => setImporting(true)}>
            Import .env …
          </Button>
          <Show when={listed().length > 0}>
            <Button
              small
              look="quiet"
              title="A .env file with the names and without values"
              onClick={() => saveText('env.example', namesAsEnv(listed().map((one) => one.name)))}
            >
              Export names
            </Button>
          </Show>
        </form>
        <Show when={importing()}>
          <ImportEnv
            replica={replica}
            of={of()}
            title={props.title}
            known={listed().map((one) => one.name)}
            onTaken={take}
            onClose={() => setImporting(false)}
          />
        </Show>
        <Show when={props.scope === 'workspace'}>
          <CopiedFiles workspace={props.workspace} />
          <SandboxSetting workspace={props.workspace} />
        </Show>
      </Show>
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </section>
  )
}

function SecretLine(props: { secret: ShownSecret; admin: boolean; onRemove: () => void }): JSX.Element {
  const users = useReplica().table('users')
  return (
    <li class="list-row">
      <Icon name="key" size="small" />
      <span class="row flex-wrap !gap-y-0">
        <code class="font-medium cut">{props.secret.name}</code>
        <span class="text-12 text-meta cut">
          <Show when={!props.secret.unreadable} fallback="The runner cannot read it any more: set it anew.">
            {props.secret.length} characters, set by {users().get(props.secret.by)?.name ?? 'somebody'}{' '}
            <Ago at={props.secret.at} suffix="ago" />
          </Show>
        </span>
      </span>
      <Show when={props.admin}>
        <Button small look="quiet" danger onClick={() => props.onRemove()}>
          Remove …
        </Button>
      </Show>
    </li>
  )
}
