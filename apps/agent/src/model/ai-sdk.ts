import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, jsonSchema, streamText, tool } from 'ai'
import type {
  FinishReason,
  LanguageModel,
  LanguageModelUsage,
  ModelMessage,
  ProviderMetadata,
  TextStreamPart,
  ToolSet,
} from 'ai'
import type { AssistantPart, Json, Message, Sealed, UserPart } from '../conversation.ts'
import { LIMITS } from '../limits.ts'
import type { Endpoints } from './endpoints.ts'
import type { ModelEntry } from './entry.ts'
import { failureOf, ModelFailure } from './failure.ts'
import { noTokens } from './model.ts'
import type { AskModel, ModelAnswer, TokenUse, ToolOffer } from './model.ts'

/**
 * Asks models through the AI SDK: the only file that knows it. One call is one request; the loop, its retries and its tools
 * are ours.
 */
export function aiSdk(endpoints: Endpoints): AskModel {
  return async (request, streamed) => {
    const silence = new AbortController()
    const watch = setTimeout(() => silence.abort(), LIMITS.modelSilenceMs)
    const signal = AbortSignal.any([request.signal, silence.signal])
    const collected = new Collected()
    try {
      const { stream } = streamText({
        model: languageModel(endpoints, request.model),
        instructions: { role: 'system', content: request.system, ...cachedHere },
        messages: modelMessages(request.messages),
        tools: toolSet(request.tools),
        maxRetries: 0,
        abortSignal: signal,
        ...(request.model.longestAnswer ? { maxOutputTokens: request.model.longestAnswer } : {}),
        ...thinkingOptions(request.model),
        // Errors come as parts of the stream.
        onError: () => undefined,
      })
      for await (const part of stream) {
        watch.refresh()
        if (part.type === 'error') throw part.error
        if (part.type === 'text-delta' && part.text !== '') streamed({ kind: 'text', text: part.text })
        if (part.type === 'reasoning-delta' && part.text !== '') streamed({ kind: 'thinking', text: part.text })
        collected.take(part)
      }
      request.signal.throwIfAborted()
      if (silence.signal.aborted) throw silent()
      return collected.answer()
    } catch (error) {
      request.signal.throwIfAborted()
      if (silence.signal.aborted) throw silent()
      throw modelFailure(error)
    } finally {
      clearTimeout(watch)
    }
  }
}

const silent = (): ModelFailure =>
  new ModelFailure('cut', `The model sent nothing for ${LIMITS.modelSilenceMs / 1_000} s.`)

function languageModel(endpoints: Endpoints, model: ModelEntry): LanguageModel {
  const endpoint = endpoints[model.maker]
  if (!endpoint) throw new ModelFailure('sign_in', `There is no key for ${model.id}.`)
  const { baseURL, apiKey } = endpoint
  if (model.maker === 'anthropic') return createAnthropic({ baseURL, apiKey })(model.modelId)
  if (model.maker === 'google') return createGoogle({ baseURL, apiKey })(model.modelId)
  return createOpenAICompatible({ name: 'openai', baseURL, apiKey, includeUsage: true })(model.modelId)
}

/** Marks up to where an endpoint may keep what it has read: the others cache by themselves and do not look at it. */
const cachedHere = { providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' as const } } } }

function thinkingOptions({ maker, modelId }: ModelEntry): Pick<Parameters<typeof streamText>[0], 'providerOptions'> {
  if (maker === 'google' && /gemini-(2\.5|[3-9])/.test(modelId))
    return { providerOptions: { google: { thinkingConfig: { includeThoughts: true } } } }
  return {}
}

/** Our messages as the SDK's. The last two of them are marked for the cache: this request's end, and the one before's. */
function modelMessages(messages: readonly Message[]): ModelMessage[] {
  return messages.map((message, at): ModelMessage => {
    const marks = at >= messages.length - 3 && message.role !== 'assistant' ? cachedHere : {}
    switch (message.role) {
      case 'user':
        return { role: 'user', content: message.parts.map(userPart), ...marks }
      case 'assistant':
        return { role: 'assistant', content: message.parts.map(assistantPart) }
      case 'tool':
        return {
          role: 'tool',
          content: message.answers.map(({ callId, tool, text, failed }) => ({
            type: 'tool-result' as const,
            toolCallId: callId,
            toolName: tool,
            output: { type: failed ? ('error-text' as const) : ('text' as const), value: text },
          })),
          ...marks,
        }
    }
  })
}

function userPart(part: UserPart) {
  return part.kind === 'text'
    ? { type: 'text' as const, text: part.text }
    : { type: 'file' as const, mediaType: part.mediaType, data: part.data }
}

function assistantPart(part: AssistantPart) {
  const providerOptions = part.sealed ? { providerOptions: part.sealed } : {}
  switch (part.kind) {
    case 'text':
      return { type: 'text' as const, text: part.text, ...providerOptions }
    case 'thinking':
      return { type: 'reasoning' as const, text: part.text, ...providerOptions }
    case 'call':
      return {
        type: 'tool-call' as const,
        toolCallId: part.callId,
        toolName: part.tool,
        input: part.input,
        ...providerOptions,
      }
  }
}

function toolSet(tools: readonly ToolOffer[]): ToolSet {
  // No `execute`: the SDK hands each call back. It checks no input either: we do, with better words for the model.
  return Object.fromEntries(
    tools.map(({ name, description, schema }) => [name, tool({ description, inputSchema: jsonSchema(schema) })]),
  )
}

/** The parts of one answer as they come together. */
class Collected {
  readonly #parts: (AssistantPart & { sealed?: Sealed })[] = []
  /** Where the open texts and thoughts stand, by the stream's id. */
  readonly #open = new Map<string, number>()
  #use = noTokens
  #finish: FinishReason | undefined
  #rawFinish: string | undefined

  take(part: TextStreamPart<ToolSet>): void {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#open.set(part.id, this.#parts.length)
        this.#parts.push({ kind: part.type === 'text-start' ? 'text' : 'thinking', text: '' })
        this.#seal(part.id, part.providerMetadata)
        break
      case 'text-delta':
      case 'reasoning-delta':
        this.#grow(part.id, part.text)
        this.#seal(part.id, part.providerMetadata)
        break
      case 'text-end':
      case 'reasoning-end':
        this.#seal(part.id, part.providerMetadata)
        break
      case 'tool-call':
        this.#parts.push(callOf(part))
        break
      case 'finish-step':
        this.#use = tokensOf(part.usage)
        this.#finish = part.finishReason
        this.#rawFinish = part.rawFinishReason
        break
    }
  }

  #grow(id: string, text: string): void {
    const at = this.#open.get(id)
    const part = at === undefined ? undefined : this.#parts[at]
    if (at !== undefined && part && part.kind !== 'call') this.#parts[at] = { ...part, text: part.text + text }
  }

  #seal(id: string, metadata: ProviderMetadata | undefined): void {
    const sealed = metadata as Sealed | undefined
    const at = this.#open.get(id)
    const part = at === undefined ? undefined : this.#parts[at]
    if (at !== undefined && part && sealed) this.#parts[at] = { ...part, sealed: { ...part.sealed, ...sealed } }
  }

  answer(): ModelAnswer {
    const parts = this.#parts.filter((part) => part.kind === 'call' || part.text !== '' || part.sealed !== undefined)
    // An endpoint that says how it ended has ended; a connection that just stops has been cut.
    if (this.#finish === undefined || (this.#rawFinish === undefined && this.#finish === 'other'))
      throw new ModelFailure('cut', "The model's answer broke off before its end.")
    if (this.#finish === 'error') throw new ModelFailure('overloaded', 'The model failed in the middle of its answer.')
    const calls = parts.some((part) => part.kind === 'call')
    const finish =
      this.#finish === 'length' ? 'length' : this.#finish === 'content-filter' ? 'refused' : calls ? 'calls' : 'done'
    return { parts, use: this.#use, finish }
  }
}

function callOf(part: Extract<TextStreamPart<ToolSet>, { type: 'tool-call' }>): AssistantPart {
  const sealed = part.providerMetadata ? { sealed: part.providerMetadata as Sealed } : {}
  const named = { kind: 'call' as const, callId: part.toolCallId, tool: part.toolName, ...sealed }
  const input: unknown = part.input
  if (part.invalid) {
    const problem = part.error instanceof Error ? part.error.message.slice(0, 500) : 'not a valid call'
    // Models take only objects back as the input of a call.
    return { ...named, input: typeof input === 'object' ? (input as Json) : { notJson: String(input) }, problem }
  }
  return { ...named, input: (input ?? {}) as Json }
}

function tokensOf(usage: LanguageModelUsage): TokenUse {
  const { cacheReadTokens = 0, cacheWriteTokens = 0, noCacheTokens } = usage.inputTokenDetails
  const input = noCacheTokens ?? Math.max(0, (usage.inputTokens ?? 0) - cacheReadTokens - cacheWriteTokens)
  return { input, output: usage.outputTokens ?? 0, cacheRead: cacheReadTokens, cacheWrite: cacheWriteTokens }
}

function modelFailure(error: unknown): ModelFailure {
  if (error instanceof ModelFailure) return error
  if (APICallError.isInstance(error)) {
    const words = error.message === '' ? (error.responseBody ?? '') : error.message
    // The answer had begun well: what came then was no answer any more.
    if (error.statusCode !== undefined && error.statusCode < 300)
      return new ModelFailure('cut', `The model's answer broke off: ${causeOf(error)}`)
    if (error.statusCode !== undefined) return failureOf(error.statusCode, words, error.responseHeaders)
    return new ModelFailure('unreachable', `The model endpoint ${error.url} could not be reached: ${causeOf(error)}`)
  }
  // Errors that an endpoint sends within its stream, and connections that end in the middle of it.
  const type = typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : ''
  const words = error instanceof Error ? causeOf(error) : wordsIn(error)
  if (/overloaded|api_error|server_error/.test(type)) return failureOf(529, words)
  if (/rate_limit/.test(type)) return failureOf(429, words)
  return new ModelFailure('cut', `The model's answer broke off: ${words.slice(0, 500)}`)
}

function causeOf(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== ''
    ? `${error.message} (${error.cause.message})`
    : error.message
}

function wordsIn(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  return typeof error === 'string' ? error : JSON.stringify(error)
}
