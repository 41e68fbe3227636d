import { z } from 'zod'
import { LIMITS } from './limits.ts'

/**
 * What a command or event says, before the schema of its type looks at it. Code that walks it may recurse, so its depth
 * has a limit; and it must have a canonical form, which a number too large for a machine has not.
 */
export const payloadSchema = z
  .record(z.string(), z.unknown())
  .refine(
    (value) => isPlain(value, LIMITS.payloadDepth),
    `nested deeper than ${LIMITS.payloadDepth} levels, or with a number that is too large`,
  )

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  for (const one of Array.isArray(value) ? value : Object.values(value)) if (!isPlain(one, depth - 1)) return false
  return true
}
