import { planSchema, questionSchema, ticketSchema } from '@coppice/events'
import { z } from 'zod'

/** A line of the agent's own in the record (REC-53). */
export const noteSchema = z.object({
  event: z.string().trim().min(1).max(80).describe('What happened, in a word or two'),
  data: z.record(z.string(), z.unknown()).default({}).describe('What belongs to it, as JSON; at most 8 KiB'),
})

/** The tools that every session's agent gets (MA-1 to MA-4). */
export const tools = {
  ask_question: {
    description:
      'Ask the people of this session a question and wait for their answer, however long that takes. Offer the answers that you can think of; they can always write another one. Use it when the answer changes what you do and you cannot find it out yourself.',
    schema: questionSchema,
  },
  create_plan: {
    description:
      'Put a plan before the people of this session: they edit it together, and start the work from it when it suits them. It returns at once. After it, end your turn; do not begin with the work.',
    schema: planSchema,
  },
  create_ticket: {
    description:
      'Propose a ticket for something that should be done, but not here and now. People fill it in and decide. It returns at once; go on with your work.',
    schema: ticketSchema,
  },
  log_event: {
    description: 'Write a line of your own into the record of this session. It returns at once.',
    schema: noteSchema,
  },
} as const satisfies Readonly<Record<string, { readonly description: string; readonly schema: z.ZodType }>>

export type ToolName = keyof typeof tools

export const toolNamed = (name: unknown): ToolName | undefined =>
  typeof name === 'string' && Object.hasOwn(tools, name) ? (name as ToolName) : undefined

/** The tools as the Model Context Protocol lists them. */
export const toolList = Object.entries(tools).map(([name, { description, schema }]) => ({
  name,
  description,
  inputSchema: z.toJSONSchema(schema, { io: 'input' }),
  // Nothing in the worktree changes by them.
  annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
  ...(name === 'ask_question' && { _meta: { 'coppice/waitsForPerson': true } }),
}))

/** What a call came to. */
export type ToolAnswer = { readonly text: string; readonly failed: boolean }

/** Answers the calls of one session's agent. `signal` says that the caller has gone. */
export type AnswerCall = (name: ToolName, input: unknown, signal: AbortSignal) => Promise<ToolAnswer>
