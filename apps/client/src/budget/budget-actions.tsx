import { WORKSPACE_STREAM, workspaceLog, type Budget, type BudgetScope, type SessionRow } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { Show, type JSX } from 'solid-js'
import { setPanelFolded, setPanelOver, setPanelTab } from '../frame/frame-state.ts'
import { money, tokens } from '../format/numbers.ts'
import { Button } from '../parts/button.tsx'
import { send, sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'

/** $2.00, 1.2M tokens */
export const amountOf = (unit: Budget['unit'], amount: number): string =>
  unit === 'usd' ? money(amount) : `${tokens(Math.round(amount))} tokens`

/** Sets a budget, or takes it away. */
export function setBudget(
  replica: Replica,
  session: SessionRow,
  scope: BudgetScope,
  budget: Budget | null,
): Promise<boolean> {
  if (scope === 'session') return sendToSession(replica, session, 'session.setBudget', { budget })
  const workspace = { log: workspaceLog(session.workspaceId), stream: WORKSPACE_STREAM }
  return send(replica, workspace, 'workspace.setBudget', { budget })
}

/** The ways out where a budget is used up: twice as much, another limit, or the end of the turn (BE-10). */
export function BudgetActions(props: { session: SessionRow }): JSX.Element {
  const signals = useReplica()
  const workspaces = signals.table('workspaces')
  const scope = () => props.session.hold?.scope ?? 'session'
  const budget = () =>
    scope() === 'session' ? props.session.budget : workspaces().get(props.session.workspaceId)?.budget
  const choose = () => {
    setPanelTab('context')
    setPanelFolded(false)
    setPanelOver(true)
  }
  return (
    <span class="row flex-wrap">
      <Show when={budget()}>
        {(known) => (
          <Button
            small
            onClick={() =>
              void setBudget(signals.replica, props.session, scope(), { ...known(), limit: known().limit * 2 })
            }
          >
            Raise to {amountOf(known().unit, known().limit * 2)}
          </Button>
        )}
      </Show>
      <Button small look="quiet" onClick={choose}>
        Another limit …
      </Button>
      <Show when={props.session.turnId !== ''}>
        <Button
          small
          look="quiet"
          danger
          disabled={props.session.turnStop !== 'none'}
          onClick={() =>
            void sendToSession(signals.replica, props.session, 'turn.stop', { turnId: props.session.turnId })
          }
        >
          Stop
        </Button>
      </Show>
    </span>
  )
}
