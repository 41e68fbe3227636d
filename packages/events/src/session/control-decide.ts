import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { SessionCommand } from './commands.ts'
import type { SessionEvent } from './events.ts'
import { controlCommands, type LastingRule } from './rule-vocabulary.ts'
import type { SessionState } from './state.ts'

type ControlCommand = Extract<SessionCommand, { type: keyof typeof controlCommands }>

export const isControl = (command: SessionCommand): command is ControlCommand =>
  Object.hasOwn(controlCommands, command.type)

/** What people let the agent do: rules, strict, plan mode. What is so already makes no event. */
export function decideControl(command: ControlCommand, state: SessionState): readonly SessionEvent[] | Refusal {
  switch (command.type) {
    case 'session.addRule': {
      const refusal = oneMoreRule(command.data, state.rules)
      return refusal ?? [{ type: 'session.ruleAdded', data: command.data }]
    }
    case 'session.removeRule':
      return state.rules.some((one) => one.ruleId === command.data.ruleId)
        ? [{ type: 'session.ruleRemoved', data: command.data }]
        : []
    case 'session.setStrict':
      return command.data.strict === state.strict ? [] : [{ type: 'session.strictSet', data: command.data }]
    case 'session.setPlanMode':
      return command.data.planMode === state.planMode ? [] : [{ type: 'session.planModeSet', data: command.data }]
  }
}

/** Why a rule cannot be added to those that are there; undefined where it can. */
export function oneMoreRule(
  { ruleId }: LastingRule,
  rules: readonly { readonly ruleId: string }[],
): Refusal | undefined {
  if (rules.some((one) => one.ruleId === ruleId)) return refuse('already_exists', 'This rule is there already.')
  return rules.length >= LIMITS.sessionRules
    ? refuse('queue_full', `There are ${LIMITS.sessionRules} rules already. Remove one first.`)
    : undefined
}
