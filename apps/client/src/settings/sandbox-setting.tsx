import { WORKSPACE_STREAM, workspaceLog, type WorkspaceRow } from '@coppice/events'
import { Show, type JSX } from 'solid-js'
import { Segmented } from '../parts/segmented.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

type Choice = 'off' | 'on' | 'alone'

/** Whether a workspace's agents are kept in a sandbox. Where its runner has none, that is said. */
export function SandboxSetting(props: { workspace: WorkspaceRow }): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const there = () => runners().get(props.workspace.runnerId)?.sandbox === true
  const chosen = (): Choice => {
    const { sandbox } = props.workspace
    return sandbox?.on !== true ? 'off' : sandbox.network ? 'on' : 'alone'
  }
  const choose = (choice: Choice) => {
    const address = { log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM }
    void send(signals.replica, address, 'workspace.setSandbox', { on: choice !== 'off', network: choice !== 'alone' })
  }
  return (
    <div class="mt-3">
      <span class="field-label">Sandbox</span>
      <Segmented
        label={`Sandbox of ${props.workspace.name}`}
        value={chosen()}
        onChange={choose}
        options={[
          { value: 'off', label: 'Off' },
          { value: 'on', label: 'On' },
          { value: 'alone', label: 'On, no network' },
        ]}
      />
      <p class="hint">
        In it an agent writes only in its worktree, what a commit needs, and a temporary folder of its own.
        <Show when={!there()}>
          {' '}
          This runner has none: bubblewrap is not installed there, or the system forbids it. Switched on, agents do not
          start.
        </Show>
      </p>
    </div>
  )
}
