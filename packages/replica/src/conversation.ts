import type { ItemRow } from '@coppice/events'
import { Listeners } from './listeners.ts'
import { LruMap } from './lru.ts'
import type { OpenedConversation, Port } from './port.ts'
import type { Conversation, SpineItem } from './replica.ts'

const BODIES_KEPT = 600
const BODIES_AT_ONCE = 100
/** What is shown first of a long conversation that is opened again: more than a screen holds. */
const NEWEST_ROWS = 120

export interface OpenConversationOptions {
  readonly port: Port
  /** The page that opens it, as the core knows it. */
  readonly page: string
  /** Settles when what was just told has been painted. */
  readonly painted: () => Promise<void>
  /** Nobody on the page looks at it any more. */
  readonly closed: (conversation: OpenConversation) => void
}

/** A conversation as one page holds it: its newest rows first, then the spine whole; bodies in a bounded cache. */
export class OpenConversation implements Conversation {
  readonly sessionId: string
  readonly #options: OpenConversationOptions
  readonly #items = new Map<string, SpineItem>()
  readonly #bodies = new LruMap<string, ItemRow>(BODIES_KEPT)
  readonly #loading = new Set<string>()
  readonly #listeners = new Listeners<readonly string[]>()
  #sorted: readonly SpineItem[] | undefined
  #whole = true
  #partial = true
  /** All of it is here, and its newest rows are shown before the others. */
  #newestFirst = false
  #coming: Promise<void> | undefined
  #closed = false
  #ready = Promise.withResolvers<void>()

  constructor(sessionId: string, options: OpenConversationOptions) {
    this.sessionId = sessionId
    this.#options = options
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /**
   * Asks for the newest rows, so that a long conversation is on the screen before the rest of it is read, and then for the
   * whole spine; for that alone when the core has moved.
   */
  async fetch(): Promise<void> {
    if (this.#partial) {
      if (this.#items.size === 0) await this.#fetchNewest()
      if (!this.#partial) return
      await this.#options.painted()
      if (this.#closed) return
    }
    const { port, page } = this.#options
    const { spine, whole } = await port.call('openConversation', { page, sessionId: this.sessionId })
    this.#items.clear()
    this.#partial = false
    this.#add({ spine, whole })
  }

  /** Its newest rows only, before anybody looks at it. */
  async fetchAhead(): Promise<void> {
    this.#closed = true
    await this.#fetchNewest()
  }

  #fetchNewest(): Promise<void> {
    const { port, page } = this.#options
    const ahead = this.#closed
    this.#coming ??= port
      .call('openConversation', { page, sessionId: this.sessionId, newest: true, ahead })
      .then((part) => this.#add(part))
      .finally(() => (this.#coming = undefined))
    return this.#coming
  }

  /** Looked at again: what is here is shown at once, its newest rows first. */
  open(): void {
    this.#closed = false
    // What is not whole on this device is wanted now.
    if (this.#partial || !this.#whole) return void this.fetch()
    if (this.#items.size <= NEWEST_ROWS) return
    void this.#showNewestFirst()
  }

  async #showNewestFirst(): Promise<void> {
    this.#newestFirst = true
    this.#ready = Promise.withResolvers()
    await this.#options.painted()
    this.#newestFirst = false
    this.#ready.resolve()
    this.#listeners.tell([...this.#items.keys()])
  }

  #add({ spine, whole, bodies = [], more = false }: OpenedConversation): void {
    this.#whole = whole
    if (!more) this.#partial = false
    for (const item of spine) {
      this.#items.set(item.itemId, item)
      if (item.optimistic) this.#bodies.delete(item.itemId)
    }
    for (const body of bodies) this.#bodies.set(body.itemId, body)
    this.#sorted = undefined
    if (!this.#partial) this.#ready.resolve()
    this.#listeners.tell(spine.map(({ itemId }) => itemId))
  }

  spine(): readonly SpineItem[] {
    this.#sorted ??= [...this.#items.values()].sort(byPlace)
    return this.#newestFirst ? this.#sorted.slice(-NEWEST_ROWS) : this.#sorted
  }

  whole(): boolean {
    return this.#whole
  }

  partial(): boolean {
    return this.#partial || this.#newestFirst
  }

  body(itemId: string): ItemRow | undefined {
    return this.#bodies.get(itemId)
  }

  async load(itemIds: readonly string[]): Promise<void> {
    const missing = itemIds.filter((id) => !this.#bodies.has(id) && !this.#loading.has(id) && this.#items.has(id))
    for (let at = 0; at < missing.length; at += BODIES_AT_ONCE) {
      const chunk = missing.slice(at, at + BODIES_AT_ONCE)
      for (const id of chunk) this.#loading.add(id)
      const rows = await this.#options.port.call('bodies', { itemIds: chunk })
      for (const id of chunk) this.#loading.delete(id)
      for (const row of rows) if (!this.#bodies.has(row.itemId)) this.#bodies.set(row.itemId, row)
      this.#listeners.tell(chunk)
    }
  }

  onChange(listener: (changed: readonly string[]) => void): () => void {
    return this.#listeners.add(listener)
  }

  take(spine: readonly SpineItem[], bodies: readonly ItemRow[]): void {
    for (const item of spine) this.#items.set(item.itemId, item)
    for (const body of bodies) this.#bodies.set(body.itemId, body)
    this.#sorted = undefined
    this.#listeners.tell(spine.map((item) => item.itemId))
  }

  drop(itemIds: readonly string[]): void {
    const gone = itemIds.filter((id) => this.#items.delete(id))
    if (gone.length === 0) return
    for (const id of gone) this.#bodies.delete(id)
    this.#sorted = undefined
    this.#listeners.tell(gone)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.closed(this)
  }
}

/** Delivered items by log position, then queued ones by their place in the queue. */
function byPlace(a: SpineItem, b: SpineItem): number {
  if (a.queue > 0 || b.queue > 0) return (a.queue || -1) - (b.queue || -1)
  return a.seq - b.seq || (a.itemId < b.itemId ? -1 : 1)
}
