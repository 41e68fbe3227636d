import { shareOf } from '@coppice/events'
import type { Budget, BudgetScope, SessionState, Spent } from '@coppice/events'

/** A budget, and how far it is used. */
export type BudgetUse = { readonly scope: BudgetScope; readonly budget: Budget; readonly spent: Spent }

/** The budget of a workspace, and what its other sessions took. */
export type WorkspaceBudget = { readonly budget: Budget | undefined; readonly elsewhere: Spent }

export const spentTogether = (a: Spent, b: Spent): Spent => ({ usd: a.usd + b.usd, tokens: a.tokens + b.tokens })

/** The budgets that a session is under. @param spent by the session, up to now */
export function budgetsOf(state: SessionState, spent: Spent, workspace: WorkspaceBudget): BudgetUse[] {
  const uses: BudgetUse[] = []
  if (state.budget) uses.push({ scope: 'session', budget: state.budget, spent })
  if (workspace.budget)
    uses.push({ scope: 'workspace', budget: workspace.budget, spent: spentTogether(spent, workspace.elsewhere) })
  return uses
}

/** One that is used up, if there is one. */
export const usedUp = (uses: readonly BudgetUse[]): BudgetUse | undefined =>
  uses.find(({ budget, spent }) => shareOf(budget, spent) >= 1)

/** A use as events tell it. */
export const asTold = ({ scope, budget, spent }: BudgetUse) => ({
  scope,
  unit: budget.unit,
  spent: spent[budget.unit],
  limit: budget.limit,
})
