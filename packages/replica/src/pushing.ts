import { refuse, type Command, type Refusal } from '@coppice/events'
import type { FromClient } from '@coppice/protocol'
import type { BlobOutbox } from './blobs/blob-outbox.ts'
import type { BlobTransport } from './blobs/blob-transport.ts'
import { Uploads } from './blobs/uploads.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'
import type { Notice } from './port.ts'

const PUSH_AT_ONCE = 50

export interface PushingOptions {
  readonly outbox: Outbox
  /** Where files are kept and go to; without it commands that name some must find them on the server. */
  readonly blobs: { readonly outbox: BlobOutbox; readonly transport: BlobTransport } | undefined
  readonly send: (message: FromClient) => boolean
  readonly now: () => number
  readonly notify: (notice: Notice) => void
  /** There is more to push. */
  readonly more: () => void
}

/**
 * Which commands go to the server, and when: in their order, each once on a connection. One whose files are not there
 * yet is held back, and what follows it in its stream with it; other streams go on.
 */
export class Pushing {
  readonly #options: PushingOptions
  readonly #uploads: Uploads | undefined
  /** Commands pushed on this connection that have no receipt yet. */
  readonly #pushed = new Set<string>()

  constructor(options: PushingOptions) {
    this.#options = options
    const { blobs, now, more, notify } = options
    this.#uploads =
      blobs &&
      new Uploads({ ...blobs, now, changed: more, sent: (sha256, sent) => notify({ n: 'sent', sha256, sent }) })
  }

  /** Pushes what can go. True if something ended as refused, because its file never can, or what it was built on. */
  async push(entries: readonly OutboxEntry[]): Promise<boolean> {
    const { ready, ended } = this.#sort(entries)
    for (let at = 0; at < ready.length; at += PUSH_AT_ONCE) {
      const commands = ready.slice(at, at + PUSH_AT_ONCE)
      if (!this.#options.send({ t: 'push', commands })) break
      for (const command of commands) this.#pushed.add(command.id)
    }
    for (const { command, refusal } of ended) await this.refused(command, refusal)
    return ended.length > 0
  }

  /** A command is refused for good: it is kept with its text, and pages are told. */
  async refused(command: Command, refusal: Refusal): Promise<void> {
    await this.#options.outbox.refuse(command, refusal, this.#options.now())
    this.#uploads?.forget(command)
    this.#options.notify({ n: 'settled', commandId: command.id, settled: { kind: 'refused', refusal } })
  }

  /** The server lacks a file of this command. True if it is brought, and the command pushed again after that. */
  lacks(command: Command, refusal: Refusal): boolean {
    if (refusal.code !== 'blob_missing' || this.#uploads === undefined) return false
    this.#uploads.missing(command)
    return true
  }

  /** It was answered, or its log was set back: if it is still in the outbox it is pushed again. */
  forget(commandId: string): void {
    this.#pushed.delete(commandId)
  }

  connected(): void {
    this.#uploads?.online(true)
  }

  /** The connection is gone, and with it what was pushed and not answered. */
  interrupted(): void {
    this.#pushed.clear()
    this.#uploads?.online(false)
  }

  close(): void {
    this.#uploads?.close()
  }

  #sort(entries: readonly OutboxEntry[]): { ready: Command[]; ended: { command: Command; refusal: Refusal }[] } {
    const ready: Command[] = []
    const ended = new Map<string, { command: Command; refusal: Refusal }>()
    const held = new Set<string>()
    for (const { command, acceptedTo } of entries) {
      if (acceptedTo !== undefined || this.#pushed.has(command.id)) continue
      const verdict = command.dependsOn?.some((id) => ended.has(id))
        ? DEPENDENCY
        : (this.#uploads?.verdict(command) ?? 'ready')
      const stream = `${command.log} ${command.stream}`
      if (typeof verdict === 'object') ended.set(command.id, { command, refusal: verdict })
      else if (verdict === 'waiting' || held.has(stream)) held.add(stream)
      else ready.push(command)
    }
    return { ready, ended: [...ended.values()] }
  }
}

const DEPENDENCY = refuse('dependency_refused', 'Something this was built on was refused, so this was not done either.')
