import { z } from 'zod'
import { unreachable, type Decider, type Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { refuse } from '../refusal.ts'
import type { Projector } from '../rows/tables.ts'
import { nameSchema } from '../session/vocabulary.ts'

const created = z.object({
  groupId: idSchema,
  workspaceId: idSchema,
  name: nameSchema,
  /** In the order in which they were asked for. */
  sessionIds: z
    .array(idSchema)
    .min(2, 'a group has at least two sessions')
    .max(LIMITS.groupSessions, `a group has at most ${LIMITS.groupSessions} sessions`)
    .refine((ids) => new Set(ids).size === ids.length, 'a session stands in a group once'),
})

const chosen = z.object({
  sessionId: idSchema,
  /** The one that was chosen before, or empty: a choice that was made without knowing of another one is refused. */
  instead: z.union([idSchema, z.literal('')]),
})

/** Sessions that were begun with one prompt at one commit, to keep the best of them (BE-5). */
export const groupEvents = { 'group.created': created, 'group.chosen': chosen }
export type GroupEvent = Described<typeof groupEvents>

/** `group.choose` only says which one is kept; what becomes of the sessions is asked of each of them. */
export const groupCommands = { 'group.create': created, 'group.choose': chosen }
export type GroupCommand = Described<typeof groupCommands>

export interface GroupState {
  readonly sessionIds: readonly string[]
  /** The session that is kept, or empty. */
  readonly chosen: string
}

export const groupDecider: Decider<GroupState, GroupCommand, GroupEvent> = {
  initial: { sessionIds: [], chosen: '' },
  decide(command, state) {
    switch (command.type) {
      case 'group.create':
        if (state.sessionIds.length > 0) return refuse('already_exists', 'A group with this id exists already.')
        return [{ type: 'group.created', data: command.data }]
      case 'group.choose': {
        const { sessionId, instead } = command.data
        if (state.sessionIds.length === 0) return refuse('not_found', 'There is no such group of sessions.')
        if (!state.sessionIds.includes(sessionId)) return refuse('invalid', 'This session is not one of the group.')
        if (state.chosen === sessionId) return []
        if (state.chosen !== instead)
          return refuse('conflict', 'Another session of the group was chosen meanwhile. Look at it, then choose again.')
        return [{ type: 'group.chosen', data: command.data }]
      }
      default:
        return unreachable(command)
    }
  },
  evolve(state, event) {
    return event.type === 'group.created'
      ? { sessionIds: event.data.sessionIds, chosen: '' }
      : { ...state, chosen: event.data.sessionId }
  },
}

/** The group's row: which sessions, and which of them is kept. */
export const groupProjector: Projector<GroupEvent> = {
  refs: (_event, groupId) => [{ table: 'groups', key: groupId }],
  project(event, source, read) {
    const key = source.streamId
    if (event.type === 'group.created') {
      const row = { ...event.data, chosen: '', chosenBy: '', createdBy: source.actor.id, createdAt: source.at }
      return [{ table: 'groups', key, row }]
    }
    const known = read('groups', key)
    if (!known) return []
    return [{ table: 'groups', key, row: { ...known, chosen: event.data.sessionId, chosenBy: source.actor.id } }]
  },
}
