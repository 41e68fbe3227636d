import { z } from 'zod'
import type { Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { actionCommands } from './action-vocabulary.ts'
import { ideCommands } from './ide-vocabulary.ts'
import { hookCommands } from './hook-vocabulary.ts'
import { processCommands } from './process-vocabulary.ts'
import { controlCommands } from './rule-vocabulary.ts'
import { LIMITS } from '../limits.ts'
import { budgetCommands } from './budget.ts'
import { commentCommands } from './comment-vocabulary.ts'
import { takeOverSchema } from './lease.ts'
import {
  approvalDecisionSchema,
  branchSchema,
  forkSchema,
  idListSchema,
  modelSchema,
  modeSchema,
  nameSchema,
  newMessageSchema,
  outcomeSchema,
  providerSchema,
  rewoundSchema,
  stepModeSchema,
  textSchema,
} from './vocabulary.ts'
import { toggleChangeSchema, togglesSchema } from './toggles.ts'
import { gitOperationSchema } from './worktree-operations.ts'

export const sessionCommands = {
  ...budgetCommands,
  ...actionCommands,
  ...controlCommands,
  ...commentCommands,
  ...processCommands,
  ...hookCommands,
  ...ideCommands,
  'session.create': z.object({
    sessionId: idSchema,
    workspaceId: idSchema,
    name: nameSchema.optional(),
    mode: modeSchema,
    provider: providerSchema,
    model: modelSchema,
    baseBranch: branchSchema,
    stepMode: stepModeSchema,
    /** Manual until the first turn has ended well, then Auto (D-4). */
    autoAfterFirst: z.literal(true).optional(),
    planMode: z.literal(true).optional(),
    /** Those that are on; none where it is left out. */
    toggles: togglesSchema.optional(),
    message: newMessageSchema.optional(),
    fork: forkSchema.optional(),
    /** In mode Bot, and only there: who leads it. */
    botId: idSchema.optional(),
    /** It begins at the commit at which the first of the group began. */
    groupId: idSchema.optional(),
  }),
  'session.rename': z.object({ name: nameSchema }),
  'session.setStepMode': z.object({ stepMode: stepModeSchema }),
  /** Counts from the next turn on (T-9). */
  'session.setToggle': toggleChangeSchema,
  'session.setProvider': z.object({ provider: providerSchema, model: modelSchema }),
  /** Complete (`done`) or Cancel (`canceled`). */
  'session.end': z.object({ outcome: outcomeSchema }),
  'session.restore': z.object({}),
  'message.send': newMessageSchema,
  /** Queued: its text is changed. What was delivered is edited by a rewind with a replacement. */
  'message.edit': z.object({ messageId: idSchema, text: textSchema }),
  /** Queued: it is gone. Delivered: it is struck, and the agent's next conversation leaves it out (M-3). */
  'message.remove': z.object({ messageId: idSchema }),
  'message.reorder': z.object({ messageIds: idListSchema }),
  /**
   * Back to before a delivered message; with a replacement, that is what is delivered then (M-2). A turn that runs is
   * stopped first. Nothing is lost: the present files are kept in a checkpoint, the messages in the log.
   */
  'session.rewind': z.object({
    rewindId: idSchema,
    messageId: idSchema,
    restore: rewoundSchema,
    replacement: newMessageSchema.optional(),
  }),
  /** The agent's conversation begins anew with the next turn; the session stays as it is (S-9). */
  'session.resetContext': z.object({ resetId: idSchema }),
  /** A queued message is said into the turn that runs, if the agent takes that; else it goes on waiting (M-9). */
  'message.steer': z.object({ messageId: idSchema }),
  'queue.release': z.object({}),
  'turn.stop': z.object({ turnId: idSchema }),
  'approval.answer': z.object({
    approvalId: idSchema,
    decision: approvalDecisionSchema,
    reason: z.string().max(LIMITS.reasonChars).optional(),
  }),
  'git.request': z.object({ operationId: idSchema, operation: gitOperationSchema }),
  'git.cancel': z.object({ operationId: idSchema }),
  /** From a runner of the workspace: the one that has the session is gone, and something waits. */
  'session.takeOver': takeOverSchema,
  /** From the session's runner: the first queued message is to be delivered. Contested, so the server decides. */
  'turn.start': z.object({ turnId: idSchema, runId: idSchema, messageId: idSchema }),
}

export type SessionCommand = Described<typeof sessionCommands>
