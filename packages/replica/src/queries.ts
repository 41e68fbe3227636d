import { newId } from '@coppice/events'
import type { FromClient, QueryRequest } from '@coppice/protocol'

const ANSWER_WITHIN_MS = 20_000
/** How long a question waits for the first connection: a page that opens asks before there can be one. */
const CONNECTED_WITHIN_MS = 5_000

/**
 * Questions to runners that are under way. Each gets an answer: the runner's, or why there is none. Until it is known
 * whether the server can be reached at all they wait, but not for long.
 */
export class Queries {
  readonly #send: (message: FromClient) => boolean
  readonly #waiting = new Map<string, (answer: Record<string, unknown>) => void>()
  readonly #firstTry = Promise.withResolvers<void>()
  #connected = false

  constructor(send: (message: FromClient) => boolean) {
    this.#send = send
  }

  async ask(log: string, request: QueryRequest, runnerId: string | undefined): Promise<Record<string, unknown>> {
    await this.#tried()
    if (!this.#connected) return away
    const id = newId()
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.answer(id, { ok: false, code: 'timeout', message: 'The runner did not answer in time. Try again.' }),
        ANSWER_WITHIN_MS,
      )
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      if (!this.#send({ t: 'query', id, log, request, ...(runnerId && { runnerId }) })) this.answer(id, gone)
    })
  }

  async #tried(): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, CONNECTED_WITHIN_MS)
    await Promise.race([this.#firstTry.promise, late.promise])
    clearTimeout(timer)
  }

  answer(id: string, answer: Record<string, unknown>): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(answer)
  }

  connected(): void {
    this.#connected = true
    this.#firstTry.resolve()
  }

  /** There is no connection, or none any more: what is under way fails. */
  down(): void {
    this.#connected = false
    this.#firstTry.resolve()
    for (const id of this.#waiting.keys()) this.answer(id, gone)
  }
}

const away = { ok: false, code: 'offline', message: 'This needs the server, which cannot be reached right now.' }
const gone = { ok: false, code: 'offline', message: 'The connection to the server was lost before the answer came.' }
