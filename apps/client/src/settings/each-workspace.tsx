import type { WorkspaceRow } from '@coppice/events'
import { For, Show, type Accessor, type JSX } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** Something for each workspace. It stays, with what is written in it, when something happens to its workspace. */
export function EachWorkspace(props: {
  of?: readonly string[]
  fallback?: JSX.Element
  children: (workspace: Accessor<WorkspaceRow>) => JSX.Element
}): JSX.Element {
  const workspaces = useReplica().table('workspaces')
  return (
    <For each={props.of ?? [...workspaces().keys()]} fallback={props.fallback}>
      {(id) => <Show when={workspaces().get(id)}>{props.children}</Show>}
    </For>
  )
}
