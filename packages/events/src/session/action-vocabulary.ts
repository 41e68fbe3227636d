import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { newMessageSchema } from './vocabulary.ts'

const title = z.string().trim().min(1).max(LIMITS.nameChars)
const longText = z.string().max(LIMITS.actionTextChars)

/** A question with answers to choose from; people may always say something else (MA-2). */
export const questionSchema = z.object({
  question: z.string().trim().min(1).max(2_000),
  options: z
    .array(z.object({ label: title, description: z.string().max(500).optional() }))
    .max(LIMITS.questionOptions)
    .default([]),
  /** More than one may be chosen. */
  several: z.boolean().optional(),
})
/** A plan that people edit together before anything begins (MA-3). */
export const planSchema = z.object({
  title,
  description: longText.default(''),
  steps: z.array(z.string().trim().min(1).max(1_000)).max(LIMITS.planSteps).default([]),
})
/** A ticket that the agent proposes (MA-1). */
export const ticketSchema = z.object({ title, description: longText.default('') })

/** What an agent can put before people (MA), by a tool or by a fenced block of its text. */
export const actionSchema = z.discriminatedUnion('kind', [
  questionSchema.extend({ kind: z.literal('ask_question') }),
  planSchema.extend({ kind: z.literal('create_plan') }),
  ticketSchema.extend({ kind: z.literal('create_ticket') }),
])
export type Action = z.infer<typeof actionSchema>
export type Question = Extract<Action, { kind: 'ask_question' }>

/** What a person makes of an action. */
export const actionAnswerSchema = z.discriminatedUnion('kind', [
  /** Of a question: labels of its options, what they wrote, or both. */
  z.object({
    kind: z.literal('answered'),
    options: z.array(title).max(LIMITS.questionOptions),
    other: z.string().max(LIMITS.reasonChars).optional(),
  }),
  /** Of a plan: the text as it was then, and the session that began from it. */
  z.object({ kind: z.literal('approved'), text: longText, sessionId: idSchema }),
  /** Of a ticket: as it was filled in, or the one that was there already. */
  z.object({ kind: z.literal('ticket'), title, description: longText, ticketId: idSchema.optional() }),
  z.object({ kind: z.literal('dismissed') }),
])
export type ActionAnswer = z.infer<typeof actionAnswerSchema>

/** Which answers an action takes. */
export const answersOf: Readonly<Record<Action['kind'], readonly ActionAnswer['kind'][]>> = {
  ask_question: ['answered', 'dismissed'],
  create_plan: ['approved', 'dismissed'],
  create_ticket: ['ticket', 'dismissed'],
}

export const actionCommands = {
  /** `message`: how the agent is told where it does not wait for the answer; only of a question that is answered. */
  'action.answer': z.object({
    actionId: idSchema,
    answer: actionAnswerSchema,
    message: newMessageSchema.omit({ attachments: true }).optional(),
  }),
}

export const actionDecisions = {
  /** `waiting`: the agent gets it as its tool's result; `message`: as a message, queued with this; `none`: it is not told. */
  'action.answered': z.object({
    actionId: idSchema,
    answer: actionAnswerSchema,
    delivery: z.enum(['waiting', 'message', 'none']),
  }),
}

export const actionFacts = {
  'action.offered': z.object({
    actionId: idSchema,
    turnId: idSchema,
    action: actionSchema,
    /** The agent's tool call is open until it is answered. */
    waits: z.boolean(),
    /** The message whose fenced block it was, and which one of that message, from 0. */
    messageId: idSchema.optional(),
    block: z.int().min(0).optional(),
  }),
  /** The agent's call ended before there was an answer: it will get that as a message. */
  'action.detached': z.object({ actionId: idSchema }),
  /** The agent has the answer. */
  'action.taken': z.object({ actionId: idSchema, turnId: idSchema }),
  /** A line of the agent's own in the record (REC-53). */
  'agent.noted': z.object({
    noteId: idSchema,
    turnId: idSchema,
    event: z.string().trim().min(1).max(80),
    data: z.record(z.string(), z.unknown()),
  }),
}
