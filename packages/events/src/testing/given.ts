import { deepStrictEqual } from 'node:assert'
import type { DecideContext, Decider, EventMeta } from '../decider.ts'
import type { EventId } from '../ids.ts'
import { isRefusal, type RefusalCode } from '../refusal.ts'

/**
 * Given / when / then for a decider: `given(decider, events).when(command).then(events)`.
 * Throws with both values where they differ. (The form is Emmett's.)
 */
export function given<State, C extends { type: string }, E extends { type: string }>(
  decider: Decider<State, C, E>,
  events: readonly E[],
  context: DecideContext = { actor: { kind: 'user', id: 'mara' }, now: 1_000 },
) {
  const meta: EventMeta = { id: 'e' as EventId, actor: context.actor, at: context.now, position: 1 }
  const state = events.reduce((folded, event) => decider.evolve(folded, event, meta), decider.initial)
  return {
    state,
    when(command: C) {
      const decision = decider.decide(command, state, context)
      return {
        decision,
        then(expected: readonly E[]): void {
          deepStrictEqual(decision, expected)
        },
        refused(code: RefusalCode): string {
          if (!isRefusal(decision)) throw new Error(`Expected a refusal (${code}), got ${JSON.stringify(decision)}`)
          deepStrictEqual(decision.code, code)
          return decision.message
        },
      }
    },
  }
}
