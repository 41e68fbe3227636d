import { newId } from '@coppice/events'
import type { FromClient, QueryRequest } from '@coppice/protocol'

const ANSWER_WITHIN_MS = 20_000

/** Questions to runners that are under way. Each gets an answer: the runner's, or why there is none. */
export class Queries {
  readonly #send: (message: FromClient) => boolean
  readonly #waiting = new Map<string, (answer: Record<string, unknown>) => void>()

  constructor(send: (message: FromClient) => boolean) {
    this.#send = send
  }

  ask(log: string, request: QueryRequest, runnerId: string | undefined): Promise<Record<string, unknown>> {
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

  answer(id: string, answer: Record<string, unknown>): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(answer)
  }

  failAll(): void {
    for (const id of this.#waiting.keys()) this.answer(id, gone)
  }
}

const gone = { ok: false, code: 'offline', message: 'The connection to the server was lost before the answer came.' }
