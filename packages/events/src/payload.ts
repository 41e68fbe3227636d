import { z } from 'zod'
import { LIMITS } from './limits.ts'

/** What a command or event says, before the schema of its type looks at it. Code that walks it may recurse: its depth has a limit. */
export const payloadSchema = z
  .record(z.string(), z.unknown())
  .refine((value) => isShallow(value, LIMITS.payloadDepth), `nested deeper than ${LIMITS.payloadDepth} levels`)

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  for (const one of Array.isArray(value) ? value : Object.values(value)) if (!isShallow(one, depth - 1)) return false
  return true
}
