import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { RunnerToken } from '../connection/server-link.ts'

/** Bytes of a record in one request. */
const pieceBytes = 256 * 1024

/**
 * `sent`: the server has all that is in the file. `later`: it is away, or something was in between; ask again.
 * `never`: the server will not have it; `why` is for the operator.
 */
export type Sent = { readonly kind: 'sent' } | { readonly kind: 'later' } | { readonly kind: 'never'; why: string }

/** Where records go, and as whom. */
export type RecordServer = {
  readonly server: string
  readonly token: RunnerToken
  readonly runnerId: string
  /** The epoch of the connection: a later process of this runner has a higher one, and fences us. */
  readonly epoch: number
}

/**
 * Brings a record's stream to where its file is. The stream's own length says what has arrived, so nothing is remembered
 * here; each request names the offset it begins at, so that one which was thought lost and came late after all is refused.
 */
export class RecordUpload {
  readonly #url: string
  readonly #file: string
  readonly #correlation: Record<string, string>
  readonly #type: string
  #epoch = 0
  #seq = 0

  /** @param path `<workspace>/<stream>`. @param correlationId told with every request; empty if it is not known. @param type media type of what is in it */
  constructor(server: string, path: string, file: string, correlationId: string, type = recordType) {
    this.#type = type
    this.#url = new URL(`/streams/${path}`, server).href
    this.#file = file
    this.#correlation = correlationId === '' ? {} : { 'correlation-id': correlationId }
  }

  /** Sends what is new; with `close`, ends the stream when all of it is there. */
  async send(to: RecordServer, close: boolean): Promise<Sent> {
    if (to.epoch !== this.#epoch) {
      this.#epoch = to.epoch
      this.#seq = 0
    }
    const made = await this.#ask(to, 'PUT', { 'content-type': this.#type })
    // 409: it is there and closed already, as an earlier process left it.
    if (made.status !== 200 && made.status !== 201 && made.status !== 409) return this.#refused(made)
    const head = await this.#ask(to, 'HEAD', {})
    if (head.status !== 200) return this.#refused(head)
    let at = offsetIn(head)
    const closed = head.headers.get('stream-closed') === 'true'
    const { size } = await stat(this.#file)
    if (closed)
      return at === size ? { kind: 'sent' } : { kind: 'never', why: 'its stream was closed before all of it was there' }
    for (let done = at >= size && !close; !done;) {
      const piece = await readPiece(this.#file, at, Math.min(at + pieceBytes, size))
      const last = close && at + piece.length === size
      const answer = await this.#ask(
        to,
        'POST',
        {
          'content-type': this.#type,
          'producer-id': to.runnerId,
          'producer-epoch': String(this.#epoch),
          'producer-seq': String(this.#seq),
          // Nothing is at its offset twice; a request without bytes has no place of its own.
          ...(piece.length > 0 && { 'stream-seq': String(at).padStart(16, '0') }),
          ...(last && { 'stream-closed': 'true' }),
        },
        piece,
      )
      if (answer.status === 409) return { kind: 'later' }
      if (answer.status !== 200 && answer.status !== 204) return this.#refused(answer)
      this.#seq += 1
      // Nothing new: an earlier request with this number was taken after all, and its answer lost. What it brought counts.
      if (answer.status === 204 && piece.length > 0) continue
      at += piece.length
      done = close ? last : at >= size
    }
    return { kind: 'sent' }
  }

  async #refused(answer: Response): Promise<Sent> {
    // Signed out or fenced is for the connection to find out; trouble of the server's passes.
    if (answer.status === 401 || answer.status === 403 || answer.status === 429 || answer.status >= 500)
      return { kind: 'later' }
    return { kind: 'never', why: `the server answered with status ${answer.status}` }
  }

  #ask(
    to: RecordServer,
    method: string,
    headers: Record<string, string>,
    body?: Buffer<ArrayBuffer>,
  ): Promise<Response> {
    return fetch(this.#url, {
      method,
      headers: { authorization: `Bearer ${to.token.read()}`, ...this.#correlation, ...headers },
      ...(body && body.length > 0 && { body }),
      signal: AbortSignal.timeout(30_000),
    })
  }
}

/** Of records of turns. */
const recordType = 'application/x-ndjson'

const offsetIn = (answer: Response): number =>
  Number((answer.headers.get('stream-next-offset') ?? '').split('_')[1] ?? Number.NaN)

async function readPiece(file: string, from: number, to: number): Promise<Buffer<ArrayBuffer>> {
  if (from >= to) return Buffer.alloc(0)
  const parts: Buffer[] = []
  for await (const part of createReadStream(file, { start: from, end: to - 1 })) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
