import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { scriptHashSchema } from '../session/setup.ts'
import { pathSchema } from '../session/vocabulary.ts'

/** A script of the repository that somebody let run, or refused: these very bytes, and no others (WS-4). */
export const scriptTrustSchema = z.object({ path: pathSchema, sha256: scriptHashSchema, trusted: z.boolean() })
export type ScriptTrust = z.infer<typeof scriptTrustSchema>

/** The newest words count, and the oldest are asked again when there are too many. */
export const withTrust = <T extends ScriptTrust>(known: readonly T[], one: T): T[] =>
  [...known.filter(({ sha256 }) => sha256 !== one.sha256), one].slice(-LIMITS.trustedScripts)
