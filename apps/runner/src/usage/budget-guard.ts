import { BUDGET_WARNING, shareOf } from '@coppice/events'
import type { BudgetScope, KnownObservation, ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import { asTold, usedUp } from './budgets.ts'
import type { BudgetUse } from './budgets.ts'

/**
 * Keeps one turn within its budgets (BE-10): at 80 % it says so, at 100 % it holds whoever asks until the budget is raised or the
 * turn is stopped. Coppice Code asks before each call of its model; other agents ask for permission to a step, and are held there.
 */
export class BudgetGuard {
  readonly #turnId: string
  readonly #seed: string
  readonly #uses: () => readonly BudgetUse[]
  readonly #observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
  readonly #waiting = new Set<(go: boolean) => void>()
  readonly #warned = new Set<string>()
  #held: { readonly holdId: string; readonly scope: BudgetScope } | undefined
  #holds = 0
  #closed = false

  /** @param uses the budgets as they are now, with what the turn took up to now */
  constructor(parts: {
    turnId: string
    /** What ids are derived from. */
    seed: string
    uses: () => readonly BudgetUse[]
    observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
  }) {
    this.#turnId = parts.turnId
    this.#seed = parts.seed
    this.#uses = parts.uses
    this.#observe = parts.observe
    // What was beyond the mark before this turn was warned of then.
    for (const use of this.#uses()) if (isNear(use)) this.#warned.add(keyOf(use))
  }

  /** Something was taken: is it time to warn? */
  look(): void {
    for (const use of this.#uses()) {
      const key = keyOf(use)
      if (!isNear(use) || this.#warned.has(key)) continue
      this.#warned.add(key)
      this.#observe(
        'budget.warned',
        { warningId: derivedId(this.#seed, 'warned', key), ...asTold(use) },
        `warned:${key}`,
      )
    }
  }

  /** Settles when a model may be called: at once, or when a budget that is used up was raised. False: the turn is stopped. */
  async pass(): Promise<boolean> {
    if (this.#closed) return false
    const use = usedUp(this.#uses())
    if (!use) return true
    this.#hold(use)
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** A budget may have been changed. */
  changed(): void {
    const held = this.#held
    if (!held) return
    const use = usedUp(this.#uses())
    if (use) return this.#hold(use)
    this.#held = undefined
    this.#observe('budget.freed', { holdId: held.holdId }, `freed:${held.holdId}`)
    this.#settle(true)
  }

  /** Nothing of this turn goes on. */
  close(): void {
    this.#closed = true
    this.#settle(false)
  }

  #hold(use: BudgetUse): void {
    if (this.#held?.scope === use.scope) return
    this.#holds += 1
    const holdId = derivedId(this.#seed, 'hold', this.#holds)
    this.#held = { holdId, scope: use.scope }
    this.#observe('budget.held', { holdId, turnId: this.#turnId, ...asTold(use) }, `held:${holdId}`)
  }

  #settle(go: boolean): void {
    for (const settle of this.#waiting) settle(go)
    this.#waiting.clear()
  }
}

const isNear = ({ budget, spent }: BudgetUse): boolean => shareOf(budget, spent) >= BUDGET_WARNING
/** A raised budget warns anew. */
const keyOf = ({ scope, budget }: BudgetUse): string => `${scope} ${budget.unit} ${budget.limit}`
