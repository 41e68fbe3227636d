import { LIMITS } from '../limits.ts'
import type { ProjectedFrom, RuleOfRow } from '../rows/tables.ts'
import type { SessionRule } from './vocabulary.ts'

/** The row with one more rule, newest last. */
export function withRule<R extends { rules?: RuleOfRow[] }>(row: R, rule: SessionRule, { actor }: ProjectedFrom): R {
  return { ...row, rules: [...(row.rules ?? []), { ...rule, by: actor.id }].slice(-LIMITS.sessionRules) }
}

/** The row without a rule. */
export function withoutRule<R extends { rules?: RuleOfRow[] }>(row: R, ruleId: string): R {
  return { ...row, rules: (row.rules ?? []).filter((one) => one.ruleId !== ruleId) }
}
