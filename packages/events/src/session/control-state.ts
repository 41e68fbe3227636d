import { LIMITS } from '../limits.ts'
import type { SessionEvent } from './events.ts'
import type { controlEvents } from './rule-vocabulary.ts'
import type { SessionRule } from './vocabulary.ts'

/** What people let the agent of a session do. */
export interface ControlState {
  readonly rules: readonly SessionRule[]
  /** Reads wait for a person, too. */
  readonly strict: boolean
  /** The agent reads only. */
  readonly planMode: boolean
}

type ControlEvent = Extract<SessionEvent, { type: keyof typeof controlEvents }>

export function evolveControl({ rules }: ControlState, event: ControlEvent): Partial<ControlState> {
  switch (event.type) {
    case 'session.ruleAdded':
      return { rules: [...rules, event.data].slice(-LIMITS.sessionRules) }
    case 'session.ruleRemoved':
      return { rules: rules.filter((one) => one.ruleId !== event.data.ruleId) }
    case 'session.strictSet':
      return { strict: event.data.strict }
    case 'session.planModeSet':
      return { planMode: event.data.planMode }
  }
}
