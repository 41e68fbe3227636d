import { z } from 'zod'
import { roleSchema } from '../actor.ts'
import { budgetSchema } from '../budget.ts'
import type { Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { lastingRuleSchema, ruleIdSchema } from '../session/rule-vocabulary.ts'
import { toggleChangeSchema } from '../session/toggles.ts'
import { branchSchema, nameSchema } from '../session/vocabulary.ts'

import { copiedFilesSchema } from './copied-files.ts'
import { scriptTrustSchema } from './trusted-scripts.ts'
import { hookSettingsChanged } from './hooks.ts'
import { sandboxSchema } from './sandbox.ts'
import { taskSettingsChanged } from './tasks.ts'

/** Where the repository is: a path on the runner, a Git URL, or a sample made on the spot. */
export const sourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal('url'), url: z.string().min(1).max(2048) }),
  z.object({ kind: z.literal('sample') }),
])
export type RepositorySource = z.infer<typeof sourceSchema>

/** How long an ended session's worktree stays before it is archived and removed, minutes. */
const retentionSchema = z
  .int()
  .min(0)
  .max(60 * 24 * 30)

const decided = {
  ...taskSettingsChanged,
  ...hookSettingsChanged,
  'workspace.created': z.object({
    workspaceId: idSchema,
    name: nameSchema,
    source: sourceSchema,
    runnerId: idSchema,
    starterBranch: branchSchema.optional(),
  }),
  'workspace.renamed': z.object({ name: nameSchema }),
  'workspace.starterBranchSet': z.object({ starterBranch: branchSchema }),
  'workspace.retentionSet': z.object({ minutes: retentionSchema }),
  'workspace.budgetSet': z.object({ budget: budgetSchema.nullable() }),
  'workspace.runnerAdded': z.object({ runnerId: idSchema }),
  'workspace.runnerRemoved': z.object({ runnerId: idSchema }),
  /** On or off in sessions that are made from now on (T-9). */
  'workspace.toggleSet': toggleChangeSchema,
  'workspace.sandboxSet': sandboxSchema,
  'workspace.copiedFilesSet': z.object({ patterns: copiedFilesSchema }),
  'workspace.scriptTrusted': scriptTrustSchema,
  'workspace.ruleAdded': lastingRuleSchema,
  'workspace.ruleRemoved': ruleIdSchema,
  'workspace.memberAdded': z.object({ userId: idSchema, name: nameSchema, role: roleSchema }),
  'workspace.memberRoleChanged': z.object({ userId: idSchema, role: roleSchema }),
  'workspace.memberRemoved': z.object({ userId: idSchema }),
  'workspace.invited': z.object({ invitationId: idSchema, role: roleSchema, expiresAt: z.number() }),
  'workspace.invitationRevoked': z.object({ invitationId: idSchema }),
  'workspace.invitationAccepted': z.object({ invitationId: idSchema, userId: idSchema }),
}

const observed = {
  'workspace.repositoryReady': z.object({
    starterBranch: branchSchema,
    branches: z.array(branchSchema).max(500),
    head: z.string().max(64),
  }),
  'workspace.repositoryFailed': z.object({ code: z.string().max(60), message: z.string().max(8_000) }),
}

export const workspaceEvents = { ...decided, ...observed }
export const workspaceObservations: readonly string[] = Object.keys(observed)
export type WorkspaceEvent = Described<typeof workspaceEvents>
export { retentionSchema }
