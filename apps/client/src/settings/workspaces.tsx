import type { WorkspaceRow } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'
import { WorkspaceRules } from '../permissions/workspace-rules.tsx'
import { TasksSetting } from './tasks-setting.tsx'
import { WorkspaceToggles } from '../toggles/workspace-toggles.tsx'

/** What holds for all sessions of a workspace. */
export function Workspaces(): JSX.Element {
  const workspaces = useReplica().table('workspaces')
  return (
    <>
      <h2 class="text-16 font-semibold">Workspaces</h2>
      <p class="mb-3 text-supports">What the sessions of each workspace begin with.</p>
      <For
        each={[...workspaces().keys()]}
        fallback={<p class="text-meta">There is no workspace yet. Add a repository first.</p>}
      >
        {(id) => <Show when={workspaces().get(id)}>{(workspace) => <SettingsOf workspace={workspace()} />}</Show>}
      </For>
    </>
  )
}

function SettingsOf(props: { workspace: WorkspaceRow }): JSX.Element {
  const signals = useReplica()
  const members = signals.table('members')
  const admin = () => {
    const { workspaceId } = props.workspace
    const role = members().get(`${workspaceId}/${signals.replica.userId}`)?.role
    return role === 'owner' || role === 'admin'
  }
  return (
    <section class="mb-6" aria-label={`Settings of ${props.workspace.name}`}>
      <div class="group-head">{props.workspace.name}</div>
      <WorkspaceToggles workspace={props.workspace} admin={admin()} />
      <WorkspaceRules workspace={props.workspace} admin={admin()} />
      <TasksSetting workspace={props.workspace} admin={admin()} />
    </section>
  )
}
