import { z } from 'zod'
import { ForgeRefused } from './forge.ts'

/** A forge answers within this, ms. */
const ANSWER_MS = 20_000
/** Longer answers are none: lists are asked for a hundred at a time. */
const MOST_BYTES = 16 * 1024 * 1024

/** Speaks JSON with a forge. The token goes to this address only: other ones are not followed. */
export class ForgeHttp {
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(base: string, headers: Readonly<Record<string, string>>) {
    this.#base = base.replace(/\/+$/, '')
    this.#headers = { 'user-agent': 'coppice', 'content-type': 'application/json', ...headers }
  }

  get<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', path, shape, undefined)
  }

  post<T>(path: string, body: object, shape: z.ZodType<T>): Promise<T> {
    return this.#ask('POST', path, shape, JSON.stringify(body))
  }

  async #ask<T>(method: string, path: string, shape: z.ZodType<T>, body: string | undefined): Promise<T> {
    const { host } = new URL(this.#base)
    let response: Response
    let text: string
    try {
      response = await fetch(`${this.#base}${path}`, {
        method,
        headers: this.#headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(body !== undefined && { body }),
      })
      if (Number(response.headers.get('content-length') ?? 0) > MOST_BYTES) throw new Error('the answer is too long')
      text = await response.text()
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const why = cause instanceof Error ? cause.message || cause.name : String(cause)
      throw new ForgeRefused(
        `${host} could not be reached (${why}). Nothing was changed there by this; try again later.`,
      )
    }
    if (!response.ok) throw new ForgeRefused(refusalWords(host, response.status, text))
    const parsed = shape.safeParse(readJson(text))
    if (!parsed.success)
      throw new ForgeRefused(
        `${host} answered in a form that is not known here: ${parsed.error.issues[0]?.message ?? ''}`,
      )
    return parsed.data
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON fits no shape, which is told.
    return undefined
  }
}

const saidSchema = z.object({
  message: z.unknown(),
  error: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string().optional() })).optional(),
})

/** What a refusal means, with the forge's own words. */
function refusalWords(host: string, status: number, text: string): string {
  const said = saidSchema.safeParse(readJson(text))
  const parts = said.success
    ? [said.data.message ?? said.data.error, ...(said.data.errors ?? []).map((one) => one.message)]
    : []
  const own = parts.flatMap((part) => (part ? [typeof part === 'string' ? part : JSON.stringify(part)] : [])).join('; ')
  const words = own === '' ? '' : ` It said: ${own.slice(0, 500)}`
  if (status === 401) return `${host} does not take the token (401). Set a new one in the secrets.${words}`
  if (status === 403 || status === 429) return `${host} does not allow it, or not now (${status}).${words}`
  if (status === 404) return `${host} does not know the repository, or the token may not see it (404).${words}`
  if (status >= 300 && status < 400) return `${host} says that the repository has moved: correct the address of origin.`
  return `${host} refused (${status}).${words}`
}
