import { stripVTControlCharacters } from 'node:util'
import type { RequestError } from '@agentclientprotocol/sdk/unstable'
import { AgentFailure } from './failure.ts'

const authRequired = -32_000

/**
 * What an agent's error means. The first that says something counts: the protocol's own code, the kind that our agent gives,
 * the words. Words decide only which way out is offered; they are shown as they are.
 *
 * @param asked what was asked of it, in the protocol's words
 */
export function failureOfError(asked: string, error: RequestError): AgentFailure {
  const data = record(error.data)
  const words = stripVTControlCharacters(wordsOf(error.message, data))
  const retryAfterMs = data['retryAfterMs']
  const until = typeof retryAfterMs === 'number' ? Date.now() + retryAfterMs : undefined
  const kind =
    error.code === authRequired || asked === 'authenticate' ? 'sign_in' : (kindOf(data['kind']) ?? kindInWords(words))
  if (kind) return new AgentFailure(kind, words, until)
  return new AgentFailure(asked === 'prompt' ? 'model_error' : 'refused', `The agent refused "${asked}": ${words}`)
}

/** The same for an agent that only says it in the words of its answer. */
export function failureOfWords(said: string): AgentFailure {
  const words = innerMessage(said.trim()) || 'it did not say why'
  return new AgentFailure(kindInWords(words) ?? 'model_error', `The model could not be asked: ${words}`)
}

type Trouble = 'sign_in' | 'rate_limited' | 'context_full'

function kindOf(said: unknown): Trouble | undefined {
  return said === 'sign_in' || said === 'rate_limited' || said === 'context_full' ? said : undefined
}

function kindInWords(words: string): Trouble | undefined {
  if (/rate.?limit|too many requests|usage limit|quota|\b429\b|resource.?exhausted/i.test(words)) return 'rate_limited'
  if (/prompt is too long|context.?(length|window|limit)|maximum context|too many tokens/i.test(words))
    return 'context_full'
  if (
    /not (logged|signed) in|please (log|sign) ?in|invalid.{0,10}api.?key|api.?key.{0,40}(missing|required|not set)|unauthorized|authenticat|\b401\b/i.test(
      words,
    )
  )
    return 'sign_in'
  return undefined
}

function wordsOf(message: string, data: Record<string, unknown>): string {
  const { details } = data
  const inner = typeof details === 'string' ? innerMessage(details) : ''
  const outer = innerMessage(message)
  if (inner === '' || outer.includes(inner)) return outer
  // The protocol's own words for a kind of error say less than those beside them.
  return /^(internal error|authentication required|invalid params)$/i.test(outer) ? inner : `${outer}: ${inner}`
}

/** Some put the endpoint's whole answer into the text: then its message is what a person can read. */
function innerMessage(text: string): string {
  if (!text.trimStart().startsWith('{')) return text
  try {
    const found = record(record(JSON.parse(text))['error'])['message']
    return typeof found === 'string' ? found : text
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
