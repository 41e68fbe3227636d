import type { WorkspaceRow } from '@coppice/events'
import type { JSX } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'
import { EachWorkspace } from './each-workspace.tsx'
import { WorkspaceRules } from '../permissions/workspace-rules.tsx'
import { WorkspaceScripts } from '../setup/workspace-scripts.tsx'
import { TasksSetting } from './tasks-setting.tsx'
import { WorkspaceToggles } from '../toggles/workspace-toggles.tsx'

/** What holds for all sessions of a workspace. */
export function Workspaces(): JSX.Element {
  return (
    <>
      <h2 class="text-16 font-semibold">Workspaces</h2>
      <p class="mb-3 text-supports">What the sessions of each workspace begin with.</p>
      <EachWorkspace fallback={<p class="text-meta">There is no workspace yet. Add a repository first.</p>}>
        {(workspace) => <SettingsOf workspace={workspace()} />}
      </EachWorkspace>
    </>
  )
}

function SettingsOf(props: { workspace: WorkspaceRow }): JSX.Element {
  const signals = useReplica()
  const members = signals.table('members')
  const role = () => members().get(`${props.workspace.workspaceId}/${signals.replica.userId}`)?.role
  const admin = () => role() === 'owner' || role() === 'admin'
  return (
    <section class="mb-6" aria-label={`Settings of ${props.workspace.name}`}>
      <div class="group-head">{props.workspace.name}</div>
      <WorkspaceToggles workspace={props.workspace} admin={admin()} />
      <WorkspaceScripts workspace={props.workspace} member={role() !== undefined && role() !== 'viewer'} />
      <WorkspaceRules workspace={props.workspace} admin={admin()} />
      <TasksSetting workspace={props.workspace} admin={admin()} />
    </section>
  )
}
