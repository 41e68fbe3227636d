import type { WorkspaceRow } from '@coppice/events'
import { createResource, For, Show, type JSX } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'
import { lackingSecrets } from './ask-runner.ts'

/** What runners that stand in for a workspace's own lack of its secrets, and what to do about it. */
export function StandInSecrets(props: {
  workspace: WorkspaceRow
  /** What the workspace's own runner has; asked again when it changes. */
  known: readonly { readonly name: string; readonly at: number }[]
}): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const of = () => {
    const standIns = props.workspace.standIns ?? []
    return standIns.length > 0 && props.known.length > 0 && { standIns, known: props.known }
  }
  const [lacking] = createResource(of, ({ standIns, known }) =>
    lackingSecrets(
      signals.replica,
      props.workspace.workspaceId,
      standIns,
      known.map(({ name }) => name),
    ),
  )
  const nameOf = (runnerId: string) => runners().get(runnerId)?.name ?? 'that stands in'
  return (
    <For each={lacking.latest ?? []}>
      {({ runnerId, names }) => (
        <Show
          when={names}
          fallback={
            <p class="hint">
              Runner {nameOf(runnerId)} stands in for this workspace and is not there now: which of these it has is not
              known.
            </p>
          }
        >
          {(lacks) => (
            <Show when={lacks().length > 0}>
              <p class="hint bad" role="status">
                Runner {nameOf(runnerId)} stands in for this workspace and lacks {lacks().join(', ')}: a session that it
                takes over is without them. Set them again here while it is connected, and it gets them, too.
              </p>
            </Show>
          )}
        </Show>
      )}
    </For>
  )
}
