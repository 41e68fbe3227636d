/** A JSON value, as models and transcripts have it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What a model's maker wants back with the next request (signatures of thoughts). Kept as it came, never looked into. */
export type Sealed = { [maker: string]: { [key: string]: Json } }

export type UserPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `data` is base64. */
  | { readonly kind: 'image'; readonly mediaType: string; readonly data: string }

export type ToolRequest = {
  readonly kind: 'call'
  readonly callId: string
  readonly tool: string
  readonly input: Json
  /** Why this is no call that could be run: not JSON, or no such tool. */
  readonly problem?: string
  readonly sealed?: Sealed
}

export type AssistantPart =
  | { readonly kind: 'text'; readonly text: string; readonly sealed?: Sealed }
  | { readonly kind: 'thinking'; readonly text: string; readonly sealed?: Sealed }
  | ToolRequest

/** What a tool answered, for the model. */
export type ToolAnswer = {
  readonly callId: string
  readonly tool: string
  readonly text: string
  readonly failed: boolean
}

/** One message of the conversation with the model. Each call of an assistant's message is answered in the next one. */
export type Message =
  | { readonly role: 'user'; readonly parts: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[] }
  | { readonly role: 'tool'; readonly answers: readonly ToolAnswer[] }

/** A message of a person, or of the agent's house to the model, as text. */
export function userText(text: string): Message {
  return { role: 'user', parts: [{ kind: 'text', text }] }
}

/** The calls in a message. */
export function callsIn(message: Message): readonly ToolRequest[] {
  return message.role === 'assistant' ? message.parts.filter((part) => part.kind === 'call') : []
}

/**
 * The same conversation with every call answered: one that was cut off by a crash would otherwise be refused by every
 * model for ever.
 */
export function withAllAnswered(messages: readonly Message[]): Message[] {
  return messages.flatMap((message, at) => {
    const calls = callsIn(message)
    const next = messages[at + 1]
    if (calls.length === 0) return message.role === 'tool' && !isAnswer(messages[at - 1]) ? [] : [message]
    if (next?.role === 'tool') return [message]
    return [message, { role: 'tool' as const, answers: calls.map((call) => unanswered(call)) }]
  })
}

function isAnswer(before: Message | undefined): boolean {
  return before !== undefined && callsIn(before).length > 0
}

/** The answer to a call that was never finished. */
export function unanswered(call: ToolRequest): ToolAnswer {
  const text = 'This call was interrupted before it ended. It may have had effects; look before doing it again.'
  return { callId: call.callId, tool: call.tool, text, failed: true }
}
