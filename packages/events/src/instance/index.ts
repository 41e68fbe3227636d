import { z } from 'zod'
import { atLeast, roleSchema, type Role } from '../actor.ts'
import type { Decider, Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { refuse } from '../refusal.ts'
import type { Projector } from '../rows/tables.ts'
import { nameSchema } from '../session/vocabulary.ts'

/** The installation: who belongs to it. Accounts and passwords live in the sign-in library, only names and roles here. */
export const instanceEvents = {
  'user.joined': z.object({ userId: idSchema, name: nameSchema, role: roleSchema }),
  'user.renamed': z.object({ userId: idSchema, name: nameSchema }),
}
export type InstanceEvent = Described<typeof instanceEvents>

export const instanceCommands = {
  /** From the server only, when a link was opened. */
  'user.join': z.object({ userId: idSchema, name: nameSchema, role: roleSchema }),
  'user.rename': z.object({ userId: idSchema, name: nameSchema }),
}
export type InstanceCommand = Described<typeof instanceCommands>

export interface InstanceState {
  readonly users: Readonly<Record<string, { readonly name: string; readonly role: Role }>>
}

export const instanceDecider: Decider<InstanceState, InstanceCommand, InstanceEvent> = {
  initial: { users: {} },
  decide(command, state, context) {
    const known = state.users[command.data.userId]
    if (command.type === 'user.join') return known ? [] : [{ type: 'user.joined', data: command.data }]
    if (!known) return refuse('not_found', 'There is no such user.')
    const role = state.users[context.actor.id]?.role
    if (context.actor.id !== command.data.userId && !(role && atLeast(role, 'admin'))) {
      return refuse('forbidden', 'Only an admin can rename somebody else.')
    }
    return known.name === command.data.name ? [] : [{ type: 'user.renamed', data: command.data }]
  },
  evolve(state, event) {
    const known = state.users[event.data.userId]
    const role = event.type === 'user.joined' ? event.data.role : known?.role
    if (!role) return state
    return { users: { ...state.users, [event.data.userId]: { name: event.data.name, role } } }
  },
}

export const instanceProjector: Projector<InstanceEvent> = {
  refs: (event) => [{ table: 'users', key: event.data.userId }],
  project(event, _source, read) {
    const { userId, name } = event.data
    const role = event.type === 'user.joined' ? event.data.role : read('users', userId)?.role
    return role ? [{ table: 'users', key: userId, row: { userId, name, role } }] : []
  },
}
