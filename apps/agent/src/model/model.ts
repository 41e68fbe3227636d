import type { AssistantPart, Message } from '../conversation.ts'
import type { ModelEntry } from './entry.ts'

/** A tool as it is offered to a model. `schema` is JSON Schema (an object). */
export type ToolOffer = {
  readonly name: string
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>>
}

export type ModelRequest = {
  readonly model: ModelEntry
  readonly system: string
  readonly messages: readonly Message[]
  readonly tools: readonly ToolOffer[]
  readonly signal: AbortSignal
}

/** Tokens of one or more calls. The four numbers do not overlap. */
export type TokenUse = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

export const noTokens: TokenUse = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }

export function addTokens(a: TokenUse, b: TokenUse): TokenUse {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  }
}

/** Tokens that a call took in the context window. */
export function tokensTaken(use: TokenUse): number {
  return use.input + use.cacheRead + use.cacheWrite + use.output
}

/** A piece of an answer while it comes. */
export type Streamed = { readonly kind: 'text' | 'thinking'; readonly text: string }

export type ModelAnswer = {
  readonly parts: readonly AssistantPart[]
  readonly use: TokenUse
  /** Why it ended: it was done, wants tools, was cut by its own limit, or declined. */
  readonly finish: 'done' | 'calls' | 'length' | 'refused'
}

/** Asks a model once. @throws {ModelFailure} */
export type AskModel = (request: ModelRequest, streamed: (piece: Streamed) => void) => Promise<ModelAnswer>
