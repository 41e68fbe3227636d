import { z } from 'zod'
import type { Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { actionDecisions, actionFacts } from './action-vocabulary.ts'
import { ideDecisions } from './ide-vocabulary.ts'
import { hookDecisions, hookFacts, queuedMessageSchema } from './hook-vocabulary.ts'
import { processDecisions, processFacts } from './process-vocabulary.ts'
import { controlEvents } from './rule-vocabulary.ts'
import { LIMITS } from '../limits.ts'
import { runActivitySchema } from './activity.ts'
import { setupFacts } from './setup.ts'
import { conflictsFoundSchema } from './conflicts.ts'
import { budgetDecided, budgetObserved } from './budget.ts'
import { commentEvents } from './comment-vocabulary.ts'
import { checkpointStoredSchema, orphanedSchema, takenOverSchema } from './lease.ts'
import {
  approvalDecisionSchema,
  branchSchema,
  changedFileSchema,
  forkSchema,
  idListSchema,
  modelSchema,
  modeSchema,
  nameSchema,
  outcomeSchema,
  pathSchema,
  providerSchema,
  rewoundSchema,
  ruleSchema,
  stepModeSchema,
  textSchema,
  toolFamilySchema,
  troubleSchema,
  turnOutcomeSchema,
  usageSchema,
  withdrawReasonSchema,
} from './vocabulary.ts'
import { gitOperationSchema } from './worktree-operations.ts'
import { instructionsSchema, toggleChangeSchema, togglesSchema } from './toggles.ts'

const detail = z.string().max(8_000)
const recordSchema = z.object({
  stream: z.string().max(200),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

/** What people and deciders make happen on a session. */
const decided = {
  ...budgetDecided,
  ...actionDecisions,
  ...controlEvents,
  ...commentEvents,
  ...processDecisions,
  ...hookDecisions,
  ...ideDecisions,
  'session.created': z.object({
    sessionId: idSchema,
    workspaceId: idSchema,
    name: nameSchema,
    namedBy: z.enum(['user', 'auto']),
    mode: modeSchema,
    provider: providerSchema,
    model: modelSchema,
    baseBranch: branchSchema,
    stepMode: stepModeSchema,
    fork: forkSchema.optional(),
    groupId: idSchema.optional(),
    botId: idSchema.optional(),
    toggles: togglesSchema.optional(),
    autoAfterFirst: z.literal(true).optional(),
    planMode: z.literal(true).optional(),
  }),
  'session.renamed': z.object({ name: nameSchema, namedBy: z.enum(['user', 'auto']) }),
  'session.stepModeSet': z.object({ stepMode: stepModeSchema }),
  'session.toggleSet': toggleChangeSchema,
  /** From the next turn on another agent, or another model of it; it is handed the conversation (S-21). */
  'session.providerSet': z.object({ provider: providerSchema, model: modelSchema }),
  /** The session is to end; queued messages are canceled with it. The runner answers with `session.ended`. */
  'session.endRequested': z.object({ outcome: outcomeSchema, canceledMessageIds: idListSchema }),
  'session.restoreRequested': z.object({}),
  'session.takenOver': takenOverSchema,
  'message.queued': queuedMessageSchema,
  'message.edited': z.object({ messageId: idSchema, text: textSchema }),
  'message.removed': z.object({ messageId: idSchema }),
  /** The whole queue in its new order. */
  'message.reordered': z.object({ messageIds: idListSchema }),
  /** The runner answers with `message.steered` or `message.notSteered`; the end of the turn answers for it, too. */
  'message.steerRequested': z.object({ messageId: idSchema, turnId: idSchema }),
  /** A delivered message that is to be left out from now on. */
  'message.struck': z.object({ messageId: idSchema }),
  /** The runner answers with `session.rewound` or `session.rewindFailed`; until then nothing is delivered. */
  'session.rewindRequested': z.object({
    rewindId: idSchema,
    messageId: idSchema,
    /** The turn that the message began: the files are those from before it. */
    turnId: idSchema,
    restore: rewoundSchema,
    /** The message that takes its place; queued by an event of its own. */
    replacedBy: idSchema.optional(),
  }),
  /** From the next turn on the agent remembers nothing from before this. */
  'session.contextReset': z.object({ resetId: idSchema }),
  /** After a stop or failure the queue is held; a person let it go on. */
  'queue.released': z.object({}),
  'turn.started': z.object({ turnId: idSchema, runId: idSchema, messageIds: idListSchema }),
  'turn.stopRequested': z.object({ turnId: idSchema }),
  'approval.answered': z.object({
    approvalId: idSchema,
    toolId: idSchema,
    decision: approvalDecisionSchema,
    reason: z.string().max(LIMITS.reasonChars).optional(),
    /** With `allow_session`: what is allowed from now on. */
    rule: ruleSchema.optional(),
  }),
  'git.requested': z.object({ operationId: idSchema, operation: gitOperationSchema }),
  'git.canceled': z.object({ operationId: idSchema }),
}

/** What a runner saw. Facts: they are stored as they come, in any order the world produced. */
const observed = {
  ...budgetObserved,
  ...actionFacts,
  ...setupFacts,
  ...processFacts,
  ...hookFacts,
  'worktree.ready': z.object({
    branch: branchSchema,
    baseCommit: z.string().max(64),
    path: pathSchema,
    durationMs: z.number().min(0),
    /** Things worth telling that did not stop it (LFS missing, submodule failed). */
    notes: z.array(detail).max(20).optional(),
  }),
  'worktree.failed': z.object({ code: z.string().max(60), message: detail }),
  'worktree.archived': z.object({ checkpointId: idSchema }),
  'worktree.removed': z.object({}),
  /** The worktree could not be removed without losing something; it stays. */
  'worktree.kept': z.object({ message: detail }),
  'worktree.restored': z.object({ path: pathSchema }),
  'checkpoint.created': z.object({
    checkpointId: idSchema,
    commit: z.string().max(64),
    tree: z.string().max(64),
    reason: z.enum(['turn_start', 'turn_end', 'before_discard', 'before_merge', 'before_restore', 'end', 'manual']),
    turnId: idSchema.optional(),
    additions: z.int().min(0),
    deletions: z.int().min(0),
    fileCount: z.int().min(0),
    /** Against the branch point; at most {@link LIMITS.checkpointFiles}. */
    files: z.array(changedFileSchema).max(LIMITS.checkpointFiles),
  }),
  'conflicts.found': conflictsFoundSchema,
  'checkpoint.stored': checkpointStoredSchema,
  'run.orphaned': orphanedSchema,
  'message.added': z.object({
    messageId: idSchema,
    turnId: idSchema.optional(),
    kind: z.enum(['agent', 'thinking', 'system', 'summary', 'hook_failure']),
    /** Who speaks in a system message: `coppice`, or a hook's name (M-16). */
    source: z.string().max(80).optional(),
    text: z.string(),
    /** `cut_off`: the stream ended before the message did; this is what had arrived (EV-9). */
    completeness: z.enum(['whole', 'cut_off']),
    durationMs: z.number().min(0).optional(),
    parentId: idSchema.optional(),
  }),
  'tool.started': z.object({
    toolId: idSchema,
    turnId: idSchema,
    parentId: idSchema.optional(),
    family: toolFamilySchema,
    /** One word or two for the row: "Run", "Edit", the tool's own name. */
    title: z.string().max(300),
    /** File, command or query. */
    target: z.string().max(4_000),
  }),
  /** Why a step may run without a person: mode auto, a read inside the worktree, or a rule. */
  'tool.permitted': z.object({ toolId: idSchema, by: z.enum(['auto', 'read', 'rule', 'coppice']) }),
  'tool.finished': z.object({
    toolId: idSchema,
    turnId: idSchema,
    /** `canceled`: stopped by a person; `rejected`: a person said no; `aborted`: the agent or runner went away. */
    outcome: z.enum(['done', 'failed', 'canceled', 'rejected', 'aborted']),
    exitCode: z.int().nullable().optional(),
    durationMs: z.number().min(0),
    output: z.string(),
    /** Characters left out of the middle of `output`. */
    omittedChars: z.int().min(0),
    /** The tool's last word on family, title and target; agents fill them in late. */
    family: toolFamilySchema.optional(),
    title: z.string().max(300).optional(),
    target: z.string().max(4_000).optional(),
    /** What it changed, from git, as unified diff text; cut where long. */
    changes: z
      .array(
        z.object({
          path: pathSchema,
          additions: z.int().min(0),
          deletions: z.int().min(0),
          patch: z.string(),
          cut: z.boolean(),
        }),
      )
      .max(50)
      .optional(),
  }),
  'plan.updated': z.object({
    turnId: idSchema,
    planId: idSchema,
    entries: z
      .array(z.object({ text: z.string().max(2_000), status: z.enum(['pending', 'in_progress', 'done']) }))
      .max(200),
  }),
  'approval.requested': z.object({
    approvalId: idSchema,
    toolId: idSchema,
    turnId: idSchema,
    family: toolFamilySchema,
    title: z.string().max(300),
    target: z.string().max(4_000),
    /** The whole command, or the diff it would make. */
    detail: z.string().max(20_000),
    detailKind: z.enum(['command', 'diff', 'text']),
    rule: ruleSchema,
  }),
  'approval.withdrawn': z.object({ approvalId: idSchema, toolId: idSchema, reason: withdrawReasonSchema }),
  'turn.instructed': instructionsSchema,
  'turn.stopAcknowledged': z.object({ turnId: idSchema }),
  'agent.exited': z.object({
    runId: idSchema,
    turnId: idSchema.optional(),
    exitCode: z.int().nullable(),
    signal: z.string().max(20).nullable(),
    /** Whether its whole process group was gone when this was written. */
    groupGone: z.boolean(),
  }),
  /** A turn that an earlier process began goes on, in a run of its own: the runner was restarted, or another one took over. */
  'turn.resumed': z.object({
    turnId: idSchema,
    runId: idSchema,
    cause: z.enum(['restart', 'takeover']),
    /** The raw record of the run that was cut off; what follows is in the record of the run named here. */
    record: recordSchema.optional(),
  }),
  'turn.ended': z.object({
    turnId: idSchema,
    messageIds: idListSchema,
    outcome: turnOutcomeSchema,
    /** For a person: what happened and what to do. Present unless completed. */
    message: detail.optional(),
    durationMs: z.number().min(0),
    usage: usageSchema.optional(),
    /** All of `usage` was told by `usage.measured` before: it is not to be counted again. */
    usageMeasured: z.boolean().optional(),
    trouble: troubleSchema.optional(),
    /** The raw record of the turn: its stream in the workspace, how long it is in bytes, and the SHA-256 of all of them. */
    record: recordSchema.optional(),
    activity: runActivitySchema.optional(),
    /** It was ended because nothing had changed in it for too long. */
    stale: z.literal(true).optional(),
  }),
  /** Nothing changes in a run any more: told once, before it is ended (agent:stale). */
  'agent.stale': z.object({
    turnId: idSchema,
    runId: idSchema,
    silentMs: z.int().min(0),
    /** After how long more it is ended; absent: it is not. */
    killMs: z.int().min(0).optional(),
  }),
  /** The agent was given the message in mid-turn: it waits no longer. */
  'message.steered': z.object({ messageId: idSchema, turnId: idSchema }),
  /** It could not be said into the turn: it waits for the end of that. `message` says why. */
  'message.notSteered': z.object({ messageId: idSchema, turnId: idSchema, message: detail }),
  /** What was asked for is done: the message and all after it are replaced where the conversation was rewound. */
  'session.rewound': z.object({
    rewindId: idSchema,
    messageId: idSchema,
    restore: rewoundSchema,
    /** What keeps the files as they were until now, where files were restored. */
    keptIn: idSchema.optional(),
    /** The queued message that takes its place: it is delivered now. */
    replacedBy: idSchema.optional(),
    /** Questions, plans and tickets of what is replaced: nobody is asked for them any more. */
    closedActions: z.array(idSchema).max(LIMITS.openActions).optional(),
  }),
  'session.rewindFailed': z.object({ rewindId: idSchema, message: detail }),
  'session.ended': z.object({ outcome: outcomeSchema, checkpointId: idSchema.optional() }),
  'git.started': z.object({ operationId: idSchema }),
  'git.completed': z.object({
    operationId: idSchema,
    /** One sentence for the row: "Committed 3f2c1ab", "Merged to main". */
    summary: detail,
    head: z.string().max(64).optional(),
    /** Where what it made is to be seen: a pull request, or where one is made. */
    url: z.string().max(2_000).optional(),
  }),
  'git.failed': z.object({ operationId: idSchema, message: detail, files: z.array(pathSchema).max(200).optional() }),
}

export const sessionEvents = { ...decided, ...observed }
export const sessionObservations: readonly string[] = Object.keys(observed)
export type SessionEvent = Described<typeof sessionEvents>
