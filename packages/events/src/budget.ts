import { z } from 'zod'
import type { Usage } from './session/vocabulary.ts'

/** How much a session or a workspace may take: USD, or tokens of all kinds (BE-10). */
export const budgetSchema = z.object({ unit: z.enum(['usd', 'tokens']), limit: z.number().positive().max(1e12) })
export type Budget = z.infer<typeof budgetSchema>

export const budgetScopeSchema = z.enum(['session', 'workspace'])
export type BudgetScope = z.infer<typeof budgetScopeSchema>

/** What was taken so far. */
export interface Spent {
  readonly usd: number
  /** Read, written, and from or to a cache. */
  readonly tokens: number
}
export const nothingSpent: Spent = { usd: 0, tokens: 0 }

export const tokensIn = (usage: Usage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens

export const spend = (before: Spent, usage: Usage): Spent => ({
  usd: before.usd + usage.usd,
  tokens: before.tokens + tokensIn(usage),
})

/** From this share of a budget on there is a warning. */
export const BUDGET_WARNING = 0.8

/** How much of a budget is used: 1 is all of it. */
export const shareOf = (budget: Budget, spent: Spent): number => spent[budget.unit] / budget.limit
