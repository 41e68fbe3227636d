import { z } from 'zod'
import type { Decider, Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { refuse } from '../refusal.ts'
import type { Projector } from '../rows/tables.ts'

/** What follows a person to every device: pinned sessions (PIN-7, PIN-8). */
export const userEvents = {
  'session.pinned': z.object({ sessionId: idSchema, workspaceId: idSchema }),
  'session.unpinned': z.object({ sessionId: idSchema }),
}
export type UserEvent = Described<typeof userEvents>

export const userCommands = {
  'session.pin': z.object({ sessionId: idSchema, workspaceId: idSchema }),
  'session.unpin': z.object({ sessionId: idSchema }),
}
export type UserCommand = Described<typeof userCommands>

const PINS_MAX = 200

export interface UserState {
  readonly pins: readonly string[]
}

export const userDecider: Decider<UserState, UserCommand, UserEvent> = {
  initial: { pins: [] },
  decide(command, state) {
    const pinned = state.pins.includes(command.data.sessionId)
    if (command.type === 'session.unpin') return pinned ? [{ type: 'session.unpinned', data: command.data }] : []
    if (pinned) return []
    if (state.pins.length >= PINS_MAX)
      return refuse('queue_full', `${PINS_MAX} sessions are pinned already. Unpin one first.`)
    return [{ type: 'session.pinned', data: command.data }]
  },
  evolve: (state, event) => ({
    pins:
      event.type === 'session.pinned'
        ? [...state.pins, event.data.sessionId]
        : state.pins.filter((sessionId) => sessionId !== event.data.sessionId),
  }),
}

export const userProjector: Projector<UserEvent> = {
  refs: () => [],
  project(event, source) {
    const userId = source.logId
    const key = `${userId}/${event.data.sessionId}`
    if (event.type === 'session.unpinned') return [{ table: 'pins', key, row: null }]
    return [{ table: 'pins', key, row: { userId, ...event.data, position: source.seq } }]
  },
}
