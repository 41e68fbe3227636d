import { attachedTo, refuse, type Attachment, type Command, type Refusal } from '@coppice/events'
import type { BlobOutbox } from './blob-outbox.ts'
import type { Brought, BlobTransport } from './blob-transport.ts'

const AT_ONCE = 3
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

interface Upload {
  readonly workspaceId: string
  readonly attachment: Attachment
  state: 'waiting' | 'sending' | 'there'
  /** How often it was tried, or found missing after it had been brought. */
  tries: number
  /** Not before: milliseconds as of `performance.now`. */
  notBefore: number
  refusal?: Refusal
}

export interface UploadsOptions {
  readonly outbox: BlobOutbox
  readonly transport: BlobTransport
  readonly now: () => number
  /** A blob has arrived, or was refused: commands may go on. */
  readonly changed: () => void
  /** How much of a blob has gone, 0 to 1, now and then while it goes; undefined when it does no more. */
  readonly sent: (sha256: string, fraction: number | undefined) => void
}

/** Brings the files that commands name to the server, three at a time, before the commands go there. */
export class Uploads {
  readonly #options: UploadsOptions
  readonly #uploads = new Map<string, Upload>()
  readonly #closing = new AbortController()
  #online = false
  #sending = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: UploadsOptions) {
    this.#options = options
  }

  /** Whether a command's files are on the server. Asking makes them come there; `changed` tells. */
  verdict(command: Command): 'ready' | 'waiting' | Refusal {
    let verdict: 'ready' | 'waiting' = 'ready'
    const workspaceId = workspaceOf(command)
    for (const attachment of workspaceId === undefined ? [] : attachedTo(command)) {
      const upload = this.#of(workspaceId ?? '', attachment)
      if (upload.refusal) return upload.refusal
      if (upload.state !== 'there') verdict = 'waiting'
    }
    if (verdict === 'waiting') this.#next()
    return verdict
  }

  /** The server said that a file of this command is not there: what was known of its files is not so. */
  missing(command: Command): void {
    for (const { sha256 } of attachedTo(command)) {
      const upload = this.#uploads.get(keyOf(workspaceOf(command) ?? '', sha256))
      if (upload?.state === 'there') this.#again(upload)
    }
    this.#next()
  }

  /** A refused command's files are tried anew if it is sent again. */
  forget(command: Command): void {
    for (const { sha256 } of attachedTo(command)) {
      const key = keyOf(workspaceOf(command) ?? '', sha256)
      if (this.#uploads.get(key)?.refusal) this.#uploads.delete(key)
    }
  }

  online(online: boolean): void {
    this.#online = online
    if (!online) return
    for (const upload of this.#uploads.values()) upload.notBefore = 0
    this.#next()
  }

  close(): void {
    this.#closing.abort()
    clearTimeout(this.#timer)
  }

  #of(workspaceId: string, attachment: Attachment): Upload {
    const key = keyOf(workspaceId, attachment.sha256)
    const known = this.#uploads.get(key)
    if (known) return known
    const upload: Upload = { workspaceId, attachment, state: 'waiting', tries: 0, notBefore: 0 }
    this.#uploads.set(key, upload)
    return upload
  }

  #next(): void {
    clearTimeout(this.#timer)
    if (!this.#online || this.#closing.signal.aborted) return
    const waiting = [...this.#uploads.values()].filter(({ state, refusal }) => state === 'waiting' && !refusal)
    const now = performance.now()
    for (const upload of waiting) {
      if (upload.notBefore > now) continue
      if (this.#sending >= AT_ONCE) return
      void this.#send(upload)
    }
    const soonest = Math.min(...waiting.filter(({ state }) => state === 'waiting').map(({ notBefore }) => notBefore))
    if (soonest !== Infinity) this.#timer = setTimeout(() => this.#next(), Math.max(0, soonest - now))
  }

  async #send(upload: Upload): Promise<void> {
    upload.state = 'sending'
    this.#sending += 1
    const brought = await this.#bring(upload).catch((error: unknown): Brought => {
      console.error(`The file ${upload.attachment.name} could not be read on this device.`, error)
      return { kind: 'later' }
    })
    this.#sending -= 1
    this.#options.sent(upload.attachment.sha256, undefined)
    if (this.#closing.signal.aborted) return
    if (brought.kind === 'there') upload.state = 'there'
    else this.#again(upload)
    if (brought.kind === 'refused') upload.refusal = brought.refusal
    if (brought.kind !== 'later') this.#options.changed()
    this.#next()
  }

  async #bring({ workspaceId, attachment }: Upload): Promise<Brought> {
    const { outbox, transport, now } = this.#options
    const { signal } = this.#closing
    const { sha256, type, name } = attachment
    const has = await transport.has(workspaceId, sha256, signal)
    if (has === 'later') return { kind: 'later' }
    if (has === 'absent') {
      const bytes = await outbox.get(sha256)
      if (bytes === undefined)
        return {
          kind: 'refused',
          refusal: refuse('blob_missing', `The file “${name}” is no longer on this device. Attach it once more.`),
        }
      const sent = (fraction: number): void => this.#options.sent(sha256, fraction)
      sent(0)
      const brought = await transport.put(workspaceId, sha256, bytes, type, signal, sent)
      if (brought.kind !== 'there') return brought
    }
    // Only for knowing what may give way: a disk that cannot take it must not hold the message back.
    await outbox
      .sent(sha256, now())
      .catch((error: unknown) => console.error(`That ${name} was sent could not be noted.`, error))
    return { kind: 'there' }
  }

  #again(upload: Upload): void {
    upload.state = 'waiting'
    const pause = Math.min(FIRST_RETRY_MS * 2 ** upload.tries, LONGEST_RETRY_MS)
    upload.tries += 1
    upload.notBefore = performance.now() + pause * (0.7 + Math.random() * 0.6)
  }
}

const WORKSPACE = 'workspace:'
/** Only workspaces have blobs; what is attached elsewhere is refused by the server. */
const workspaceOf = ({ log }: Command): string | undefined =>
  log.startsWith(WORKSPACE) ? log.slice(WORKSPACE.length) : undefined
const keyOf = (workspaceId: string, sha256: string): string => `${workspaceId}/${sha256}`
