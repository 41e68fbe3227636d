import type { Action } from './action-vocabulary.ts'
import type { SessionEvent } from './events.ts'

/** An action that nobody has answered yet. */
export interface OpenAction {
  readonly actionId: string
  readonly turnId: string
  readonly kind: Action['kind']
  /** The agent's call is open. */
  readonly waits: boolean
}

/** What the state keeps of actions: no texts. */
export interface ActionState {
  readonly actions: readonly OpenAction[]
  /** Answered for a call that was open, and not known to have reached the agent. */
  readonly unheard: readonly string[]
}

export type ActionEvent = Extract<
  SessionEvent,
  { type: 'action.offered' | 'action.detached' | 'action.answered' | 'action.taken' }
>

export function evolveActions({ actions, unheard }: ActionState, event: ActionEvent): ActionState {
  const { actionId } = event.data
  const others = actions.filter((one) => one.actionId !== actionId)
  switch (event.type) {
    case 'action.offered': {
      const { turnId, waits, action } = event.data
      return { actions: [...others, { actionId, turnId, waits, kind: action.kind }], unheard }
    }
    case 'action.detached':
      return {
        actions: actions.map((one) => (one.actionId === actionId ? { ...one, waits: false } : one)),
        unheard,
      }
    case 'action.answered':
      return { actions: others, unheard: event.data.delivery === 'waiting' ? [...unheard, actionId] : unheard }
    case 'action.taken':
      return { actions, unheard: unheard.filter((one) => one !== actionId) }
  }
}

/** The turn is over: its calls are closed, and what is asked stays open. */
export const afterTurn = (actions: readonly OpenAction[], turnId: string): readonly OpenAction[] =>
  actions.some((one) => one.waits && one.turnId === turnId)
    ? actions.map((one) => (one.turnId === turnId ? { ...one, waits: false } : one))
    : actions
