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
import { hookSettings } from './hooks.ts'
import { sandboxSchema } from './sandbox.ts'
import { taskSettings } from './tasks.ts'
import { retentionSchema, sourceSchema } from './events.ts'

export const workspaceCommands = {
  ...taskSettings,
  ...hookSettings,
  'workspace.create': z.object({
    workspaceId: idSchema,
    name: nameSchema,
    source: sourceSchema,
    runnerId: idSchema,
    starterBranch: branchSchema.optional(),
    /** Name of the one who creates it, shown to other members. */
    creatorName: nameSchema,
  }),
  'workspace.rename': z.object({ name: nameSchema }),
  'workspace.setStarterBranch': z.object({ starterBranch: branchSchema }),
  'workspace.setRetention': z.object({ minutes: retentionSchema }),
  /** What all sessions together may take; null takes the limit away. */
  'workspace.setBudget': z.object({ budget: budgetSchema.nullable() }),
  /** Another runner that can serve the repository: it takes sessions over when the one that has them is gone (BE-8). */
  'workspace.addRunner': z.object({ runnerId: idSchema }),
  'workspace.removeRunner': z.object({ runnerId: idSchema }),
  'workspace.setToggle': toggleChangeSchema,
  'workspace.setSandbox': sandboxSchema,
  'workspace.setCopiedFiles': z.object({ patterns: copiedFilesSchema }),
  /** Lets a script of the repository run, or refuses it: these very bytes, in all sessions. */
  'workspace.trustScript': scriptTrustSchema,
  /** Allows steps that fit in all sessions of the workspace (D-6). */
  'workspace.addRule': lastingRuleSchema,
  'workspace.removeRule': ruleIdSchema,
  'workspace.changeMemberRole': z.object({ userId: idSchema, role: roleSchema }),
  'workspace.removeMember': z.object({ userId: idSchema }),
  'workspace.revokeInvitation': z.object({ invitationId: idSchema }),
  /** From the server only: the link itself is a secret and never in the log. */
  'workspace.invite': z.object({ invitationId: idSchema, role: roleSchema, expiresAt: z.number() }),
  /** From the server only, when the link is opened. */
  'workspace.acceptInvitation': z.object({ invitationId: idSchema, userId: idSchema, name: nameSchema }),
}
export type WorkspaceCommand = Described<typeof workspaceCommands>
