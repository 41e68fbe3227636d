import type { ObservationData, SessionState } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { asTold, budgetsOf, usedUp, type WorkspaceBudget } from './budgets.ts'

/**
 * Whether a turn may begin. Where a budget is used up that is told, once; and once, that it no longer is.
 * @param latest what the session's log says last
 */
export function withinBudgets(
  of: {
    readonly context: RunnerContext
    readonly address: Address
    readonly latest: Cause
    readonly once: (key: string, reaction: () => Promise<void>) => void
  },
  state: SessionState,
  workspace: WorkspaceBudget,
): boolean {
  const { context, address, latest } = of
  const { spent, hold, sessionId } = state
  const use = usedUp(budgetsOf(state, spent, workspace))
  const tell = <T extends 'budget.held' | 'budget.freed'>(type: T, data: ObservationData<T>): void =>
    of.once(`${type}:${latest.id}`, async () => {
      await context.observe(address, type, data, latest, type)
    })
  if (use && hold?.scope !== use.scope)
    tell('budget.held', { holdId: derivedId(sessionId, 'hold', latest.id), ...asTold(use) })
  else if (!use && hold) tell('budget.freed', { holdId: hold.holdId })
  return use === undefined && hold === undefined
}
