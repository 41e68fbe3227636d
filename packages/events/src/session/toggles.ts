import { z } from 'zod'
import { idSchema } from '../ids.ts'

/** The seven toggles of a session, in the order in which their paragraphs stand in the system prompt (T-1 to T-7). */
export const toggleIds = ['architecture', 'ux', 'edge_cases', 'code_review', 'verification', 'tests', 'docs'] as const
export const toggleSchema = z.enum(toggleIds)
export type Toggle = z.infer<typeof toggleSchema>

/** Those that are on, each once. */
export const togglesSchema = z
  .array(toggleSchema)
  .max(toggleIds.length)
  .refine((list) => new Set(list).size === list.length, 'each toggle stands there once')

export const toggleChangeSchema = z.object({ toggle: toggleSchema, on: z.boolean() })

/** The list with one toggle on or off, in the fixed order; the same list where nothing changes. */
export function withToggle(list: readonly Toggle[], toggle: Toggle, on: boolean): readonly Toggle[] {
  if (list.includes(toggle) === on) return list
  const wanted = new Set(on ? [...list, toggle] : list.filter((one) => one !== toggle))
  return toggleIds.filter((one) => wanted.has(one))
}

/** A list in the fixed order. */
export const inOrder = (list: readonly Toggle[]): Toggle[] => toggleIds.filter((one) => list.includes(one))

/** What the agent was told in a turn beside the message (T-8); the text is there where it differs from the last one told. */
export const instructionsSchema = z.object({
  turnId: idSchema,
  /** Of the composed text, lowercase hexadecimal; of no text where there is none any more. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** As part of its system prompt, or before the first prompt of its conversation, where it has no other way. */
  way: z.enum(['system_prompt', 'first_prompt']),
  text: z.string().max(40_000).optional(),
})
