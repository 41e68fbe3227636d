import type { KnownObservation, ObservationData } from '@coppice/events'
import type { TurnEnd } from '../agents/happenings.ts'
import type { TurnParts } from '../turns/turn-parts.ts'
import { BudgetGuard } from './budget-guard.ts'
import { budgetsOf, spentTogether } from './budgets.ts'
import { UsageMeter } from './usage-meter.ts'

type Observe = <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void

/** What one turn takes, and the budgets that it is under. */
export class TurnUsage {
  readonly meter: UsageMeter
  readonly guard: BudgetGuard
  #parts = 0

  /**
   * @param observe tells when all before it is told
   * @param observeNow tells at once: what is measured is told by who has just told the row it belongs to
   */
  constructor(parts: TurnParts, seed: string, observe: Observe, observeNow: Observe) {
    const { turnId, messageIds, price, workspaceBudget, state } = parts
    this.meter = new UsageMeter(state(), price, messageIds[0] ?? turnId, (itemId, usage) => {
      this.#parts += 1
      observeNow('usage.measured', { turnId, itemId, usage }, `usage:${this.#parts}`)
    })
    const { spent, hold } = state()
    const uses = () => budgetsOf(state(), spentTogether(spent, this.meter.taken), workspaceBudget())
    this.guard = new BudgetGuard({ turnId, seed, uses, observe })
    // It held an earlier process of this turn; this one finds out for itself.
    if (hold) observe('budget.freed', { holdId: hold.holdId }, 'freed')
  }

  /** A prompt of the turn: what it took counts, also where it fails. */
  async of(prompt: Promise<TurnEnd>): Promise<TurnEnd> {
    let usage = {}
    try {
      const end = await prompt
      ;({ usage } = end)
      return end
    } finally {
      this.meter.answered(usage)
    }
  }
}
