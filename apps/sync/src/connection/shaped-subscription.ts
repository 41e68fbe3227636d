import { hashText, type RecordedEvent, type StreamId } from '@coppice/events'
import type { Shape } from '@coppice/protocol'
import { PROJECTION_VERSION } from '@coppice/events'
import { LIMITS } from '../limits.ts'
import type { DerivedLog } from '../log/derived-log.ts'
import type { Commit, LogWriter } from '../log/log-writer.ts'
import { leafOf } from '../proof/leaf.ts'
import type { SigningKey } from '../proof/signing-key.ts'
import type { Store } from '../store/store-calls.ts'
import type { Follower } from './followers.ts'
import type { Peer } from './peer.ts'
import { WantedStreams } from './shape.ts'
import { sendSnapshot } from './snapshot.ts'

/** Events of a log in order, each with its stream, after position `from`. */
interface Span {
  readonly from: number
  readonly to: number
  readonly texts: readonly string[]
  readonly streams: readonly string[]
  /** The message for those who want everything, where it is made already. */
  readonly frame?: Buffer
}

/** A session that the peer wants from now on, and how it calls the wish. */
export interface Joining {
  readonly stream: StreamId
  readonly n: number
  /** Its newest events are wanted first. */
  readonly tail: boolean
}

/**
 * One peer's cursor in one log of which it wants only parts (LF-12). What it leaves out is told by hash and header, in the
 * place where it would have come. Everything goes out in one order: snapshot, back-fills, commits; so a joined session's
 * past is there before what happens next in it.
 */
export class ShapedSubscription implements Follower {
  readonly log: LogWriter
  readonly peer: Peer
  readonly #derived: DerivedLog
  readonly #store: Pick<Store, 'readLog' | 'readStream'>
  readonly #failed: (error: unknown) => void
  readonly #wanted: WantedStreams
  readonly #joins: Joining[] = []
  #waiting: Span[] = []
  #sent: number
  #running = false
  #closed = false

  constructor(of: {
    log: LogWriter
    derived: DerivedLog
    peer: Peer
    store: Pick<Store, 'readLog' | 'readStream'>
    key: SigningKey
    position: number
    shape: Shape
    /** Begin with a snapshot at the head instead of going on after `position`. */
    snapshot: boolean
    /** Send all headers first: those that the peer has were made by other code. */
    refresh: boolean
    failed: (error: unknown) => void
  }) {
    this.log = of.log
    this.peer = of.peer
    this.#derived = of.derived
    this.#store = of.store
    this.#failed = of.failed
    this.#sent = of.position
    this.#wanted = new WantedStreams(of.shape)
    this.#run(async () => {
      if (of.snapshot) {
        const { log, derived, peer, store, key } = of
        this.#sent = log.head
        await sendSnapshot({
          log,
          derived,
          peer,
          store,
          key,
          position: this.#sent,
          open: () => !this.#closed,
          left: (streams) => streams.forEach((stream) => this.#wanted.leave(stream)),
        })
      } else if (of.refresh) await this.#refresh()
    })
  }

  close(): void {
    this.#closed = true
  }

  offer(commit: Commit, frame: Buffer): void {
    const last = this.#waiting.at(-1)?.to ?? this.#sent
    const { from, to, texts, events } = commit
    // What does not follow, or is too much to hold, is read from the store when its turn comes.
    if (last === from && this.#waiting.length < LIMITS.waitingCommits)
      this.#waiting.push({ from, to, texts, streams: events.map((event: RecordedEvent) => event.stream), frame })
    this.#run()
  }

  /** Sends a session from its beginning, and its events from here on. */
  join(joining: Joining): void {
    if (this.#joins.length < LIMITS.waitingJoins) this.#joins.push(joining)
    this.#run()
  }

  #run(first?: () => Promise<void>): void {
    if (this.#running || this.#closed) return
    this.#running = true
    this.#work(first).catch((error: unknown) => {
      this.#running = false
      this.#failed(error)
    })
  }

  /** Never twice at once: it says that it has ended in the very step in which it found nothing more to do. */
  async #work(first: (() => Promise<void>) | undefined): Promise<void> {
    await first?.()
    while (!this.#closed && this.peer.open) {
      if (this.peer.congested) {
        await this.peer.drained()
        continue
      }
      const joining = this.#joins.shift()
      if (joining !== undefined) {
        await this.#backfill(joining)
        continue
      }
      const waiting = this.#waitingSpan()
      if (waiting === undefined && this.#sent >= this.log.head) break
      await this.#deliver(waiting ?? (await this.#storedSpan()))
    }
    this.#running = false
  }

  #waitingSpan(): Span | undefined {
    while ((this.#waiting[0]?.from ?? this.#sent) < this.#sent) this.#waiting.shift()
    return this.#waiting[0]?.from === this.#sent ? this.#waiting.shift() : undefined
  }

  async #storedSpan(): Promise<Span> {
    // Not past what this server knows of: another may have written more, and the headers are as of what was told here.
    const limit = Math.min(LIMITS.catchUpEvents, this.log.head - this.#sent)
    const { bodies } = await this.#store.readLog(this.log.no, this.#sent, limit)
    const streams = bodies.map((body) => (JSON.parse(body) as { stream: string }).stream)
    return { from: this.#sent, to: this.#sent + bodies.length, texts: bodies, streams }
  }

  async #deliver({ from, to, texts, streams, frame }: Span): Promise<void> {
    if (this.#wanted.everything && frame) {
      this.peer.sendFrame(frame)
      this.#sent = to
      return
    }
    const wanted = texts.filter((_, index) => this.#wanted.has(streams[index] ?? ''))
    const leftStreams = streams.filter((stream) => !this.#wanted.has(stream)) as StreamId[]
    const left = texts.flatMap((text, index) =>
      this.#wanted.has(streams[index] ?? '') ? [] : [hashText(leafOf(text))],
    )
    const headers = left.length > 0 ? await this.#derived.headers.headers(new Set(leftStreams)) : []
    this.#send(from, to, wanted, left.length > 0 ? { left, streams: headers, projection: PROJECTION_VERSION } : {})
    this.#sent = to
  }

  async #refresh(): Promise<void> {
    for await (const streams of this.#derived.headers.all()) {
      await this.peer.drained()
      if (this.#closed) return
      this.#send(this.#sent, this.#sent, [], { streams, projection: PROJECTION_VERSION })
    }
  }

  #send(from: number, to: number, events: readonly string[], more: Record<string, unknown>): void {
    const { log, epoch } = this.log
    const head = Math.max(to, this.log.head)
    this.#sendWith({ t: 'events', log, epoch, from, to, head, ...more }, events)
  }

  /** Stored events go out as they are stored. */
  #sendWith(message: Record<string, unknown>, events: readonly string[]): void {
    this.peer.sendFrame(`${JSON.stringify(message).slice(0, -1)},"events":[${events.join(',')}]}`)
  }

  async #backfill({ stream, n, tail }: Joining): Promise<void> {
    const { log } = this.log
    let from = 0
    for (let last = false; !last && !this.#closed;) {
      await this.peer.drained()
      const part = { after: from, upTo: this.#sent, limit: LIMITS.catchUpEvents }
      const bodies = await this.#store.readStream(this.log.no, stream, part)
      last = bodies.length < LIMITS.catchUpEvents
      if (tail && from === 0 && !last) {
        const newest = await this.#store.readStream(this.log.no, stream, { ...part, newest: true })
        this.#sendWith({ t: 'tail', n, log, stream }, newest)
      }
      this.#sendWith({ t: 'backfill', n, log, stream, from, last }, bodies)
      from += bodies.length
    }
    this.#wanted.join(stream)
  }
}
