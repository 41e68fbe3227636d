import { WORKSPACE_STREAM, workspaceLog, type WorkspaceRow } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** Scripts of the repository that were let run or refused, to think again. */
export function WorkspaceScripts(props: { workspace: WorkspaceRow; member: boolean }): JSX.Element {
  const signals = useReplica()
  const users = signals.table('users')
  const scripts = () => props.workspace.scripts ?? []
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  return (
    <Show when={scripts().length > 0}>
      <span class="field-label mt-4">Scripts of the repository</span>
      <ul class="list" aria-label={`Scripts of ${props.workspace.name}`}>
        <For each={scripts().toReversed()}>
          {({ path, sha256, trusted, by }) => (
            <li class="list-row !grid-cols-[minmax(0,1fr)_auto]">
              <span class="row flex-wrap">
                <code>{path}</code>
                <code class="text-meta" title={sha256}>
                  {sha256.slice(0, 8)}
                </code>
                <span class="text-12 text-meta">
                  {trusted ? 'may run' : 'refused'}, said {users().get(by)?.name ?? by}
                </span>
              </span>
              <Show when={props.member}>
                <Button
                  small
                  look="quiet"
                  danger={trusted}
                  onClick={() =>
                    void send(signals.replica, address(), 'workspace.trustScript', { path, sha256, trusted: !trusted })
                  }
                >
                  {trusted ? 'Refuse from now on' : 'Let it run from now on'}
                </Button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <p class="hint">Each is these very bytes. When a script changes it is asked about again.</p>
    </Show>
  )
}
