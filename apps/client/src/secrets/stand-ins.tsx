import type { WorkspaceRow } from '@coppice/events'
import { createResource, createSignal, For, Show, type JSX } from 'solid-js'
import { Button } from '../parts/button.tsx'
import type { Question } from '../parts/confirm.tsx'
import { useReplica } from '../sync/replica-context.tsx'
import { removeSecret, standInSecrets } from './ask-runner.ts'

/** What runners that stand in for a workspace's own lack of its secrets or have beyond them, and what to do about it. */
export function StandInSecrets(props: {
  workspace: WorkspaceRow
  /** What the workspace's own runner has; asked again when it changes. Undefined while that is not known. */
  known: readonly { readonly name: string; readonly at: number }[] | undefined
  /** Whether this person may change secrets. */
  admin: boolean
  /** Asks before something is removed. */
  ask: (question: Question) => void
}): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const of = () => {
    const { standIns = [] } = props.workspace
    return props.known !== undefined && standIns.length > 0 && { standIns, known: props.known }
  }
  const [beside, { refetch }] = createResource(of, ({ standIns, known }) =>
    standInSecrets(
      signals.replica,
      props.workspace.workspaceId,
      standIns,
      known.map(({ name }) => name),
    ),
  )
  const [problem, setProblem] = createSignal<string>()
  const nameOf = (runnerId: string) => runners().get(runnerId)?.name ?? 'that stands in'
  const removeThere = async (standIn: string, names: readonly string[]) => {
    const { workspaceId } = props.workspace
    setProblem(undefined)
    for (const name of names) {
      const answer = await removeSecret(signals.replica, { workspaceId, scope: 'workspace', standIn }, name)
      if (!answer.ok) setProblem(`${name} was not removed: ${answer.message}`)
    }
    await refetch()
  }
  const askToRemove = (standIn: string, names: readonly string[]) =>
    props.ask({
      title: `Remove ${names.join(', ')} from runner ${nameOf(standIn)}?`,
      text: 'The workspace’s own runner does not have them either: their values are gone.',
      verb: 'Remove',
      danger: true,
      act: () => void removeThere(standIn, names),
    })
  return (
    <>
      <For each={of() ? (beside.latest ?? []) : []}>
        {({ runnerId, secrets }) => (
          <Show
            when={secrets}
            fallback={
              <Show when={props.known?.length}>
                <p class="hint">
                  Runner {nameOf(runnerId)} stands in for this workspace and is not there now: which of these it has is
                  not known.
                </p>
              </Show>
            }
          >
            {(its) => (
              <>
                <Show when={its().lacks.length > 0}>
                  <p class="hint bad" role="status">
                    Runner {nameOf(runnerId)} stands in for this workspace and lacks {its().lacks.join(', ')}: a session
                    that it takes over is without them. Set them again here while it is connected, and it gets them,
                    too.
                  </p>
                </Show>
                <Show when={its().keeps.length > 0}>
                  <p class="hint bad" role="status">
                    Runner {nameOf(runnerId)} stands in for this workspace and still has {its().keeps.join(', ')}, which
                    the workspace’s own runner does not have: a session that it takes over gets them.{' '}
                    <Show when={props.admin}>
                      <Button small look="quiet" onClick={() => askToRemove(runnerId, its().keeps)}>
                        Remove them there …
                      </Button>
                    </Show>
                  </p>
                </Show>
              </>
            )}
          </Show>
        )}
      </For>
      <Show when={problem()}>
        <p class="hint bad" role="alert">
          {problem()}
        </p>
      </Show>
    </>
  )
}
