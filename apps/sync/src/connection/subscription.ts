import type { LogWriter, Commit } from '../log/log-writer.ts'
import type { Store } from '../store/store-calls.ts'
import { LIMITS } from '../limits.ts'
import type { Follower } from './followers.ts'
import type { Peer } from './peer.ts'

/** An events message around bodies that are JSON already, with a comma between. */
export function eventsFrame(of: {
  log: string
  epoch: string
  from: number
  to: number
  head: number
  bodies: Buffer
}): Buffer {
  const { log, epoch, from, to, head, bodies } = of
  const envelope = JSON.stringify({ t: 'events', log, epoch, from, to, head })
  return Buffer.concat([Buffer.from(`${envelope.slice(0, -1)},"events":[`), bodies, CLOSE])
}

const CLOSE = Buffer.from(']}')

/**
 * One peer's cursor in one log. Invariant: everything up to `sent` was handed to the socket, once, in order, and
 * nothing past it. New commits go straight out while the cursor is at the head; after a slow spell it reads on
 * from the store, so that neither a hole nor an unbounded queue can arise (SY-4).
 */
export class Subscription implements Follower {
  readonly log: LogWriter
  readonly peer: Peer
  readonly #store: Pick<Store, 'readLog'>
  readonly #failed: (error: unknown) => void
  #sent: number
  #readingOn = false
  #closed = false

  constructor(options: {
    log: LogWriter
    peer: Peer
    store: Pick<Store, 'readLog'>
    position: number
    failed: (error: unknown) => void
  }) {
    this.log = options.log
    this.peer = options.peer
    this.#store = options.store
    this.#sent = options.position
    this.#failed = options.failed
    this.#readOn()
  }

  close(): void {
    this.#closed = true
  }

  /** A commit of this log; `frame` is the message for those whose cursor is at its start. */
  offer(commit: Commit, frame: Buffer): void {
    if (this.#closed || this.#readingOn) return
    if (this.#sent !== commit.from || this.peer.congested) return this.#readOn()
    this.peer.sendFrame(frame)
    this.#sent = commit.to
  }

  #readOn(): void {
    this.#readingOn = true
    this.#sendStored().catch(this.#failed)
  }

  async #sendStored(): Promise<void> {
    while (!this.#closed && this.peer.open && this.#sent < this.log.head) {
      if (this.peer.congested) {
        await this.peer.drained()
        continue
      }
      const { bodies, head } = await this.#store.readLog(this.log.no, this.#sent, LIMITS.catchUpEvents)
      if (this.#closed || bodies.length === 0) continue
      const { log, epoch } = this.log
      const to = this.#sent + bodies.length
      const joined = Buffer.from(bodies.join(','))
      this.peer.sendFrame(eventsFrame({ log, epoch, from: this.#sent, to, head, bodies: joined }))
      this.#sent = to
    }
    // In the same step as the last look at the head: a commit in between would be missed.
    this.#readingOn = false
  }
}
