import { z } from 'zod'
import { LIMITS } from '../limits.ts'

/** Patterns, as in .gitignore, of ignored files that each new worktree gets a copy of (WS-2). */
export const copiedFilesSchema = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(200)
      .refine((pattern) => !/[\n\0]/.test(pattern), 'a pattern is one line'),
  )
  .max(LIMITS.copiedPatterns)

/** Where a workspace says nothing else. */
export const copiedByDefault: readonly string[] = ['.env', '.env.*']
