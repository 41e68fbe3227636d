import { z } from 'zod'
import { budgetSchema, budgetScopeSchema, shareOf, spend, type Spent } from '../budget.ts'
import { idSchema } from '../ids.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { ItemDetail } from '../rows/session-tables.ts'
import type { RowChange, SessionRow } from '../rows/tables.ts'
import type { SessionState } from './state.ts'
import { usageSchema } from './vocabulary.ts'

/** How far a budget is used, as it was told. */
const budgetUseSchema = z.object({
  scope: budgetScopeSchema,
  unit: budgetSchema.shape.unit,
  spent: z.number().min(0),
  limit: z.number().positive(),
})
export type BudgetUse = z.infer<typeof budgetUseSchema>

export const budgetCommands = {
  /** How much the session may take; null takes the limit away. A raised one lets go on what it held. */
  'session.setBudget': z.object({ budget: budgetSchema.nullable() }),
}

export const budgetDecided = {
  'session.budgetSet': z.object({ budget: budgetSchema.nullable() }),
}

export const budgetObserved = {
  /** What the calls of the model since the last such event took, and the row of the conversation that they belong to (M-15). */
  'usage.measured': z.object({ turnId: idSchema, itemId: idSchema, usage: usageSchema }),
  /** 80 % of a budget are used. */
  'budget.warned': z.object({ warningId: idSchema, ...budgetUseSchema.shape }),
  /** All of a budget is used: no model is called until it is raised, or a person stops the turn. Without a turn, none is begun. */
  'budget.held': z.object({ holdId: idSchema, turnId: idSchema.optional(), ...budgetUseSchema.shape }),
  'budget.freed': z.object({ holdId: idSchema }),
}

type Observed<T extends keyof typeof budgetObserved> = z.infer<(typeof budgetObserved)[T]>

/** Why no turn may begin, if the session's own budget is used up. */
export function budgetRefusal({ budget, spent }: SessionState): Refusal | undefined {
  if (!budget || shareOf(budget, spent) < 1) return undefined
  return refuse('wrong_state', 'The budget of this session is used up. Raise it, and it goes on.')
}

export const decideBudget = (state: SessionState, budget: z.infer<typeof budgetSchema> | null) =>
  JSON.stringify(state.budget ?? null) === JSON.stringify(budget)
    ? []
    : [{ type: 'session.budgetSet' as const, data: { budget } }]

export function afterBudgetSet(state: SessionState, budget: z.infer<typeof budgetSchema> | null): SessionState {
  const { budget: _before, hold, ...rest } = state
  const frees = hold?.scope === 'session' && (budget === null || shareOf(budget, state.spent) < 1)
  return { ...rest, ...(budget && { budget }), ...(hold && !frees && { hold }) }
}

export const afterMeasured = (state: SessionState, { usage }: Observed<'usage.measured'>): SessionState => ({
  ...state,
  spent: spend(state.spent, usage),
})

export const afterHeld = (state: SessionState, { holdId, scope }: Observed<'budget.held'>): SessionState => ({
  ...state,
  hold: { holdId, scope },
})

/** Nothing of it is held any more: freed, or its turn is over. */
export function withoutHold(state: SessionState, holdId: string | undefined): SessionState {
  if (!state.hold || (holdId !== undefined && state.hold.holdId !== holdId)) return state
  const { hold: _gone, ...rest } = state
  return rest
}

/** What a session took so far, by its row. */
export const spentOf = (row: SessionRow): Spent => ({
  usd: row.usd,
  tokens: row.inputTokens + row.outputTokens + row.cacheReadTokens + (row.cacheWriteTokens ?? 0),
})

/** A session's row after its budget was set. */
export function rowAfterBudgetSet(row: SessionRow, budget: z.infer<typeof budgetSchema> | null): SessionRow {
  const { budget: _before, ...rest } = row
  const spent = spentOf(row)
  const frees = row.hold?.scope === 'session' && (budget === null || shareOf(budget, spent) < 1)
  return { ...(frees ? rowWithoutHold(rest) : rest), ...(budget && { budget }) }
}

export function rowWithoutHold(row: SessionRow): SessionRow {
  if (!row.hold) return row
  const { hold: _gone, ...rest } = row
  return rest
}

/** What a warning or a hold says in the conversation. */
export function budgetWords({ scope, unit, spent, limit }: BudgetUse, held: boolean): string {
  const money = (amount: number): string => `$${amount.toFixed(amount < 1 ? 4 : 2)}`
  const amount = (one: number): string =>
    unit === 'usd' ? money(one) : `${Math.round(one).toLocaleString('en-US')} tokens`
  const whose = scope === 'session' ? 'this session' : 'the workspace'
  return held
    ? `The budget of ${whose} is used up: ${amount(spent)} of ${amount(limit)}. No model is called until it is raised.`
    : `${Math.floor((spent / limit) * 100)} % of the budget of ${whose} is used: ${amount(spent)} of ${amount(limit)}.`
}

/** The detail of the row of a hold or warning. */
export const budgetDetail = (use: BudgetUse, held: boolean): ItemDetail => ({
  source: 'coppice',
  budget: { scope: use.scope, unit: use.unit, spent: use.spent, limit: use.limit, held },
})

/** Adds what was measured to the row that it belongs to. */
export function measuredItem(
  { itemId, usage }: Observed<'usage.measured'>,
  change: (itemId: string, next: (detail: ItemDetail) => ItemDetail) => RowChange[],
): RowChange[] {
  return change(itemId, (detail) => {
    const before = detail.usage
    if (!before) return { ...detail, usage }
    return {
      ...detail,
      usage: {
        ...usage,
        inputTokens: before.inputTokens + usage.inputTokens,
        outputTokens: before.outputTokens + usage.outputTokens,
        cacheReadTokens: before.cacheReadTokens + usage.cacheReadTokens,
        cacheWriteTokens: before.cacheWriteTokens + usage.cacheWriteTokens,
        usd: before.usd + usage.usd,
        source: before.source === 'estimated' ? 'estimated' : usage.source,
      },
    }
  })
}
