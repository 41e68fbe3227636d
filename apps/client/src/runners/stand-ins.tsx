import { WORKSPACE_STREAM, workspaceLog, type RunnerRow, type WorkspaceRow } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { Confirm, type Question } from '../parts/confirm.tsx'
import { Icon } from '../parts/icon.tsx'
import { send } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { sessionsOn } from './held-sessions.ts'

/** Which runners serve a workspace: its own, and those that stand in when that one is gone. */
export function StandIns(props: { workspace: WorkspaceRow; admin: boolean }): JSX.Element {
  const signals = useReplica()
  const runners = signals.table('runners')
  const sessions = signals.table('sessions')
  const workspaces = signals.table('workspaces')
  const [chosen, setChosen] = createSignal('')
  const [question, setQuestion] = createSignal<Question>()
  const standIns = () => props.workspace.standIns ?? []
  const nameOf = (runnerId: string) => runners().get(runnerId)?.name ?? runnerId
  const free = (): RunnerRow[] =>
    [...runners().values()].filter(
      (one) => one.runnerId !== props.workspace.runnerId && !standIns().includes(one.runnerId),
    )
  const held = (runnerId: string) =>
    sessionsOn(runnerId, sessions().values(), workspaces()).filter(
      (one) => one.workspaceId === props.workspace.workspaceId,
    )
  const address = () => ({ log: workspaceLog(props.workspace.workspaceId), stream: WORKSPACE_STREAM })
  const remove = (runnerId: string) => {
    const has = held(runnerId)
    setQuestion({
      title: `Take ${nameOf(runnerId)} out of ${props.workspace.name}?`,
      text:
        has.length === 0
          ? 'It has no open session of this workspace. It no longer reads anything of it.'
          : `It has ${plural(has.length, 'open session')} of this workspace. What it works on is ended there. Each goes on on another runner from its last checkpoint, as soon as something is asked of it; what changed since then stays in the folders on ${nameOf(runnerId)}.`,
      items: has.map((one) => one.name),
      verb: 'Take it out',
      danger: true,
      act: () => void send(signals.replica, address(), 'workspace.removeRunner', { runnerId }),
    })
  }
  return (
    <section aria-label={`Runners of ${props.workspace.name}`}>
      <div class="group-head">{props.workspace.name}</div>
      <ul class="list">
        <li class="list-row">
          <Icon name="terminal" size="small" />
          <span class="cut">
            {nameOf(props.workspace.runnerId)} <span class="text-12 text-meta">its own</span>
          </span>
        </li>
        <For each={standIns()}>
          {(runnerId) => (
            <li class="list-row">
              <Icon name="terminal" size="small" />
              <span class="cut">
                {nameOf(runnerId)}{' '}
                <span class="text-12 text-meta">stands in, has {plural(held(runnerId).length, 'open session')}</span>
              </span>
              <Show when={props.admin}>
                <Button small look="quiet" danger onClick={() => remove(runnerId)}>
                  Take out …
                </Button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.admin && free().length > 0}>
        <form
          class="row mt-2"
          onSubmit={(event) => {
            event.preventDefault()
            const runnerId = chosen() || free()[0]?.runnerId
            if (runnerId) void send(signals.replica, address(), 'workspace.addRunner', { runnerId })
            setChosen('')
          }}
        >
          <label class="input small !w-auto">
            <select
              aria-label={`Runner to stand in for ${props.workspace.name}`}
              value={chosen() || (free()[0]?.runnerId ?? '')}
              onChange={(event) => setChosen(event.currentTarget.value)}
            >
              <For each={free()}>{(one) => <option value={one.runnerId}>{one.name}</option>}</For>
            </select>
          </label>
          <Button type="submit" small icon="plus">
            Let it stand in
          </Button>
          <span class="text-12 text-meta">It needs the same repository: the same path, or the same Git URL.</span>
        </form>
      </Show>
      <Confirm question={question()} onClose={() => setQuestion(undefined)} />
    </section>
  )
}
