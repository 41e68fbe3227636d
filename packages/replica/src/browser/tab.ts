import { newId } from '@coppice/events'
import type { ReplicaCore } from '../core.ts'
import { answerCall, type CallMessage, type CoreMessage } from '../message-port.ts'
import { NewerReplica } from '../newer-replica.ts'
import { UNKNOWN_CONNECTION } from '../replica.ts'
import { TAB_PROTOCOL, TO_ALL, type OnChannel, type Said } from './tab-channel.ts'

export interface TabOptions {
  /** Name of lock and channel: one for each person in a browser. */
  readonly name: string
  readonly toPage: (message: CoreMessage) => void
  /** Opens the core. `everywhere` reaches all tabs; `taken`: the lock was taken from a tab that did not answer. */
  readonly lead: (everywhere: (message: CoreMessage) => void, taken: boolean) => Promise<ReplicaCore>
  /** Other than this code's own only in tests. */
  readonly protocol?: number
  readonly silence?: { readonly askAfterMs: number; readonly takeAfterMs: number }
}

/** A call without an answer for so long makes a tab ask who leads; without a word for so long after that, it takes over. */
const SILENCE = { askAfterMs: 5_000, takeAfterMs: 10_000 }

/**
 * One tab's part in sharing the replica (LF-6). A Web Lock decides which tab leads, holding database, socket and core; it
 * goes to the next by itself when the leading tab closes or crashes. The others pass their page's calls to the leader.
 *
 * A leader that the browser put to sleep keeps its lock and answers nobody: a visible tab takes the lock from it, and it
 * lets go when it wakes. Tabs of an older version give way to newer ones and ask to be reloaded; what is clicked in them
 * meanwhile is in the outbox, which all versions share.
 */
export class Tab {
  readonly id = newId()
  readonly #options: TabOptions
  readonly #protocol: number
  readonly #channel: InstanceType<typeof BroadcastChannel>
  readonly #closing = new AbortController()
  #core: ReplicaCore | undefined
  #leading = false
  #letGo: (() => void) | undefined
  #outdated = false
  #visible = true
  /** Calls passed on that have no answer: when the first of them was sent. */
  readonly #unanswered = new Map<number, number>()
  #heard = 0
  #asked = 0
  readonly #watch: ReturnType<typeof setInterval>

  constructor(options: TabOptions) {
    this.#options = options
    this.#protocol = options.protocol ?? TAB_PROTOCOL
    this.#channel = new BroadcastChannel(options.name)
    this.#channel.addEventListener('message', (event: Event) =>
      this.#receive((event as Event & { data: OnChannel }).data),
    )
    this.#watch = setInterval(() => this.#listen(), this.#silence.askAfterMs / 4)
    this.#post({ kind: 'hello' })
    this.#stand()
  }

  get leads(): boolean {
    return this.#core !== undefined
  }

  /** A call of this tab's page. */
  call(call: CallMessage): void {
    if (this.#core) {
      void answerCall(this.#core, call).then(this.#options.toPage)
      return
    }
    // A leader of another version may not know this call; that the outbox grew, it does.
    if (call.call === 'outboxChanged') this.#post({ kind: 'outbox' })
    this.#unanswered.set(call.id, performance.now())
    this.#post({ kind: 'call', from: this.id, call })
  }

  /** Whether a person sees this tab: only such a one takes over. */
  visible(visible: boolean): void {
    this.#visible = visible
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    this.#closing.abort()
    await this.#stepDown()
    this.#channel.close()
  }

  get #silence(): { askAfterMs: number; takeAfterMs: number } {
    return this.#options.silence ?? SILENCE
  }

  #post(message: Said): void {
    if (!this.#closing.signal.aborted) this.#channel.postMessage({ v: this.#protocol, ...message })
  }

  #receive(message: OnChannel): void {
    switch (message.kind) {
      case 'hello':
        if (this.#core) this.#post({ kind: 'leader' })
        return
      case 'leader':
        this.#heard = performance.now()
        if (message.v < this.#protocol) this.#post({ kind: 'handOver' })
        if (message.v > this.#protocol) this.#giveWay()
        return
      case 'handOver':
        if (this.#core && message.v > this.#protocol) this.#giveWay()
        return
      case 'outbox':
        if (this.#core) void this.#core.call('outboxChanged', { commandId: '' })
        return
      case 'call':
        if (this.#core && message.v === this.#protocol) void this.#answer(this.#core, message.from, message.call)
        return
      case 'core':
        if (message.v !== this.#protocol || this.#core) return
        this.#heard = performance.now()
        if (message.to === TO_ALL || message.to === this.id) this.#tell(message.message)
    }
  }

  async #answer(core: ReplicaCore, to: string, call: CallMessage): Promise<void> {
    const message = await answerCall(core, call)
    if (this.#core === core) this.#post({ kind: 'core', to, message })
  }

  #tell(message: CoreMessage): void {
    if (message.kind === 'result' || message.kind === 'failed') this.#unanswered.delete(message.id)
    if (message.kind === 'moved') for (const id of this.#unanswered.keys()) this.#unanswered.set(id, performance.now())
    this.#options.toPage(message)
  }

  /** Waits for the lock; leads while it is held. */
  #stand(): void {
    this.#hold(navigator.locks.request(this.#options.name, { signal: this.#closing.signal }, () => this.#lead(false)))
  }

  #hold(held: Promise<unknown>): void {
    held.catch(async (error: unknown) => {
      if (this.#closing.signal.aborted) return
      await this.#stepDown()
      if (error instanceof NewerReplica) this.#giveWay()
      else if (error instanceof DOMException && error.name === 'AbortError') {
        // Another tab took the lock while this one slept: it is one of those who wait again.
        if (!this.#outdated) this.#stand()
      } else {
        console.error('This tab cannot lead.', error)
        this.#tellPage('offline', `The copy on this device could not be opened. Reload the page. (${String(error)})`)
      }
    })
  }

  async #lead(taken: boolean): Promise<void> {
    if (this.#leading || this.#outdated || this.#closing.signal.aborted) return
    this.#leading = true
    const released = new Promise<void>((resolve) => {
      this.#letGo = resolve
    })
    const core = await this.#options.lead((message) => {
      this.#options.toPage(message)
      this.#post({ kind: 'core', to: TO_ALL, message })
    }, taken)
    if (this.#closing.signal.aborted || this.#outdated) {
      await core.close()
      return
    }
    this.#core = core
    this.#unanswered.clear()
    this.#post({ kind: 'leader' })
    this.#options.toPage({ kind: 'moved' })
    this.#post({ kind: 'core', to: TO_ALL, message: { kind: 'moved' } })
    await released
  }

  async #stepDown(): Promise<void> {
    const core = this.#core
    this.#core = undefined
    await core?.close()
    this.#leading = false
    this.#letGo?.()
  }

  /** A newer version is open in another tab: the lock goes there, and this tab asks to be reloaded. */
  #giveWay(): void {
    if (this.#outdated) return
    this.#outdated = true
    void this.#stepDown()
    this.#tellPage('outdated', 'A newer version of Coppice is open in another tab: reload this one.')
  }

  #tellPage(state: 'outdated' | 'offline', message: string): void {
    const connection = { ...UNKNOWN_CONNECTION, state, message, complete: true, storage: 'persistent' as const }
    this.#options.toPage({ kind: 'notice', notice: { n: 'connection', connection } })
  }

  /** Notices a leader that does not answer. */
  #listen(): void {
    if (this.#core || this.#outdated || this.#unanswered.size === 0) return
    const now = performance.now()
    const waiting = now - Math.max(this.#heard, Math.min(...this.#unanswered.values()))
    if (waiting < this.#silence.askAfterMs) return
    if (this.#asked < this.#heard || this.#asked === 0) {
      this.#asked = now
      this.#post({ kind: 'hello' })
      return
    }
    if (now - this.#asked < this.#silence.takeAfterMs || !this.#visible) return
    this.#asked = 0
    this.#heard = now
    this.#hold(navigator.locks.request(this.#options.name, { steal: true }, () => this.#lead(true)))
  }
}
