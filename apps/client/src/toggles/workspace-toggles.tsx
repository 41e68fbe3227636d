import { WORKSPACE_STREAM, workspaceLog, type WorkspaceRow } from '@coppice/events'
import { Show, type JSX } from 'solid-js'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { ToggleChips } from './toggle-chips.tsx'

/** The toggles that new sessions of a workspace begin with. */
export function WorkspaceToggles(props: { workspace: WorkspaceRow; admin: boolean }): JSX.Element {
  const { replica } = useReplica()
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  return (
    <>
      <span class="field-label">Toggles of new sessions</span>
      <ToggleChips
        label={`Toggles of new sessions in ${props.workspace.name}`}
        on={props.workspace.toggles ?? []}
        disabled={!props.admin}
        onChange={(toggle, on) => void send(replica, address(), 'workspace.setToggle', { toggle, on })}
      />
      <p class="hint">
        <Show when={props.admin} fallback="Only an admin of the workspace changes them.">
          Each session can be changed by itself; sessions that are there already keep theirs.
        </Show>
      </p>
    </>
  )
}
