/**
 * Why a model could not be asked.
 *
 * `sign_in`: no key, or a wrong one. `rate_limited`: too much for now; `retryAfterMs` where it was said. `overloaded`: the
 * endpoint has trouble of its own. `cut`: the answer broke off. `unreachable`: no endpoint. `context_full`: more than the
 * model takes. `refused`: the request itself is wrong.
 */
export class ModelFailure extends Error {
  readonly code: 'sign_in' | 'rate_limited' | 'overloaded' | 'cut' | 'unreachable' | 'context_full' | 'refused'
  readonly retryAfterMs: number | undefined

  constructor(code: ModelFailure['code'], message: string, retryAfterMs?: number) {
    super(message)
    this.name = 'ModelFailure'
    this.code = code
    this.retryAfterMs = retryAfterMs
  }

  /** Whether asking again may help. */
  get passing(): boolean {
    return ['rate_limited', 'overloaded', 'cut', 'unreachable'].includes(this.code)
  }
}

const fullContext =
  /context[ _-]?(length|window|size)|too many (input )?tokens|prompt is too long|input token count|maximum context|exceeds? the (maximum|limit).*token/i

/** What an HTTP status and the words beside it mean. @param headers with names in lower case */
export function failureOf(status: number, words: string, headers: Readonly<Record<string, string>> = {}): ModelFailure {
  const said = words.trim() === '' ? `status ${status}` : words.trim().slice(0, 1_000)
  if (status === 401 || status === 403)
    return new ModelFailure('sign_in', `The model endpoint does not accept the key: ${said}`)
  if (status === 413 || ((status === 400 || status === 422) && fullContext.test(said)))
    return new ModelFailure('context_full', `The conversation is longer than the model takes: ${said}`)
  if (status === 429)
    return new ModelFailure('rate_limited', `The model endpoint limits the rate: ${said}`, retryAfter(headers))
  if (status === 408 || status === 409 || status === 425 || status >= 500)
    return new ModelFailure('overloaded', `The model endpoint failed (${status}): ${said}`, retryAfter(headers))
  return new ModelFailure('refused', `The model endpoint refused the request (${status}): ${said}`)
}

/** How long to wait, ms: in seconds or as a date, or in the milliseconds some endpoints add. */
function retryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const exact = Number(headers['retry-after-ms'])
  if (Number.isFinite(exact) && exact > 0) return exact
  const given = headers['retry-after']
  if (!given) return undefined
  const seconds = Number(given)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const at = Date.parse(given)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}
