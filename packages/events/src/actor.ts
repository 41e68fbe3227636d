import { z } from 'zod'
import { idSchema } from './ids.ts'

/** Who did it. */
export const actorSchema = z.object({
  kind: z.enum(['user', 'agent', 'runner', 'system']),
  id: idSchema,
})
export type Actor = z.infer<typeof actorSchema>

export const SYSTEM: Actor = { kind: 'system', id: 'coppice' }

/** Roles in a workspace, weakest first. A viewer reads only. */
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const
export const roleSchema = z.enum(ROLES)
export type Role = z.infer<typeof roleSchema>

/** Whether a role reaches another one's rights. */
export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)
