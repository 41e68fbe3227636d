import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { patternProblem } from './rule-match.ts'
import { toolFamilySchema } from './vocabulary.ts'

/** A rule that somebody made: `allow run: pnpm test *`. */
export const lastingRuleSchema = z
  .object({
    ruleId: idSchema,
    family: toolFamilySchema,
    pattern: z.string().trim().min(1).max(LIMITS.rulePatternChars),
  })
  .superRefine(({ family, pattern }, context) => {
    const problem = patternProblem(family, pattern)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: ['pattern'] })
  })
export type LastingRule = z.infer<typeof lastingRuleSchema>

export const ruleIdSchema = z.object({ ruleId: idSchema })

/** In words: `run: pnpm test *`. */
export const ruleWords = ({ family, pattern }: Pick<LastingRule, 'family' | 'pattern'>): string =>
  `${family}: ${pattern}`

export const controlCommands = {
  'session.addRule': lastingRuleSchema,
  'session.removeRule': ruleIdSchema,
  /** Reads and searches wait for a person, too (D-1). */
  'session.setStrict': z.object({ strict: z.boolean() }),
  /** The agent reads only, and makes a plan (D-6). */
  'session.setPlanMode': z.object({ planMode: z.boolean() }),
}
export const controlEvents = {
  'session.ruleAdded': lastingRuleSchema,
  'session.ruleRemoved': ruleIdSchema,
  'session.strictSet': z.object({ strict: z.boolean() }),
  'session.planModeSet': z.object({ planMode: z.boolean() }),
}
