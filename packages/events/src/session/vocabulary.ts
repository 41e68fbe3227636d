import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'

/** Exactly four statuses (S-6). "Needs you" and "failed" are attention laid over them, not statuses. */
export const sessionStatuses = ['waiting', 'in_progress', 'done', 'canceled'] as const
export type SessionStatus = (typeof sessionStatuses)[number]

export const modeSchema = z.enum(['chat', 'develop', 'bot'])
export type SessionMode = z.infer<typeof modeSchema>

/** Manual: each step waits for a person. Auto: the runner answers (D-1, D-2). */
export const stepModeSchema = z.enum(['manual', 'auto'])
export type StepMode = z.infer<typeof stepModeSchema>

export const outcomeSchema = z.enum(['done', 'canceled'])

/** What a tool does, for its icon, its words and its permission. */
export const toolFamilySchema = z.enum(['read', 'search', 'write', 'edit', 'delete', 'run', 'fetch', 'agent', 'other'])
export type ToolFamily = z.infer<typeof toolFamilySchema>

/** How a turn came to its end. Only `completed` means that the agent said so itself (BE-3). */
export const turnOutcomeSchema = z.enum(['completed', 'refused', 'limit', 'stopped', 'failed', 'aborted_by_restart'])
export type TurnOutcome = z.infer<typeof turnOutcomeSchema>

/** Trouble of an agent that has a way out of its own (C-9); `until` is when a limit ends, ms since 1970, where it was said. */
export const troubleSchema = z.object({
  kind: z.enum(['sign_in', 'rate_limited', 'context_full']),
  until: z.int().min(0).optional(),
})
export type AgentTrouble = z.infer<typeof troubleSchema>

export const approvalDecisionSchema = z.enum(['allow_once', 'allow_session', 'reject'])
export type ApprovalDecision = z.infer<typeof approvalDecisionSchema>

export const withdrawReasonSchema = z.enum([
  'stopped',
  'agent_exited',
  'restart',
  'expired',
  'session_ended',
  'switched_to_auto',
])

export const nameSchema = z.string().trim().min(1).max(LIMITS.nameChars)
export const textSchema = z
  .string()
  .refine((text) => text.trim().length > 0, 'a message needs text')
  .refine((text) => new TextEncoder().encode(text).length <= LIMITS.messageBytes, {
    message: `a message is at most ${LIMITS.messageBytes / 1024} KiB; attach the rest as a file`,
  })

/** A file that goes with a message: its bytes are a blob of the workspace, which is kept while an event names it. */
export const attachmentSchema = z.object({
  /** Of its bytes, in lowercase hexadecimal: the blob's name. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Bytes. */
  size: z.int().min(0),
  /** Its media type, as the sender's system has it. */
  type: z.string().max(100),
  /** What its file is called. */
  name: z.string().trim().min(1).max(LIMITS.nameChars),
})
export type Attachment = z.infer<typeof attachmentSchema>

/** Media types that a browser shows as a picture; every other file is for downloading only, whatever it says it is. */
export const shownImageTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']

export const newMessageSchema = z.object({
  messageId: idSchema,
  text: textSchema,
  attachments: z.array(attachmentSchema).max(LIMITS.attachments).optional(),
})

export const branchSchema = z.string().min(1).max(255)
export const providerSchema = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)
export const modelSchema = z.string().max(200)

/** A path inside the worktree, with `/`. Whether it stays inside is checked where files are touched (F-9). */
export const pathSchema = z.string().min(1).max(4096)

export const changedFileSchema = z.object({
  path: pathSchema,
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'type_changed']),
  additions: z.int().min(0),
  deletions: z.int().min(0),
  binary: z.boolean().optional(),
  from: pathSchema.optional(),
})
export type ChangedFile = z.infer<typeof changedFileSchema>

/** What a rewind brings back to how it was before a message: the files, what the agent remembers, or both (BE-14). */
export const rewoundSchema = z.enum(['code', 'conversation', 'both'])
export type Rewound = z.infer<typeof rewoundSchema>

/** Where a session was forked from: the files and the conversation of another one of the workspace, before a message (BE-4). */
export const forkSchema = z.object({
  sessionId: idSchema,
  messageId: idSchema,
  /** The turn that the message began. */
  turnId: idSchema,
})
export type Fork = z.infer<typeof forkSchema>

/** Tokens and money of one turn or message; `estimated` where the provider reported nothing (M-15). */
export const usageSchema = z.object({
  provider: providerSchema,
  model: modelSchema,
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
  cacheReadTokens: z.int().min(0),
  cacheWriteTokens: z.int().min(0),
  usd: z.number().min(0),
  source: z.enum(['reported', 'estimated']),
  /** The agent told tokens and no money: `usd` is from a table of prices. */
  priced: z.boolean().optional(),
  /** Context window after the turn: tokens used and the limit, where known. */
  contextUsed: z.int().min(0).optional(),
  contextLimit: z.int().min(0).optional(),
})
export type Usage = z.infer<typeof usageSchema>

/** A lasting rule made by "Allow for this session": a tool family and, for commands, the exact command line. */
export const ruleSchema = z.object({ family: toolFamilySchema, target: z.string().max(2_000).optional() })
export type PermissionRule = z.infer<typeof ruleSchema>

/** A rule of a session: exactly a step that was allowed for it, or what fits a pattern. */
export type SessionRule = PermissionRule & { readonly ruleId: string; readonly pattern?: string }

export const idListSchema = z.array(idSchema).max(LIMITS.queuedMessages)
