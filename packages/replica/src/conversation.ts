import type { ItemRow } from '@coppice/events'
import { Listeners } from './listeners.ts'
import { LruMap } from './lru.ts'
import type { OpenedConversation, Port } from './port.ts'
import type { Conversation, SpineItem } from './replica.ts'

const BODIES_KEPT = 600
const BODIES_AT_ONCE = 100

export interface OpenConversationOptions {
  readonly port: Port
  /** The page that opens it, as the core knows it. */
  readonly page: string
  /** Settles when what was just told has been painted. */
  readonly painted: () => Promise<void>
  /** Whether that was the last of this session on the page. */
  readonly closed: () => boolean
}

/** A conversation as one page holds it: its newest rows first, then the spine whole; bodies in a bounded cache. */
export class OpenConversation implements Conversation {
  readonly sessionId: string
  readonly ready: Promise<void>
  readonly #options: OpenConversationOptions
  readonly #items = new Map<string, SpineItem>()
  readonly #bodies = new LruMap<string, ItemRow>(BODIES_KEPT)
  readonly #loading = new Set<string>()
  readonly #listeners = new Listeners<readonly string[]>()
  #sorted: readonly SpineItem[] | undefined
  #whole = true
  #partial = true
  #closed = false
  #becomeReady: () => void = () => undefined

  constructor(sessionId: string, options: OpenConversationOptions) {
    this.sessionId = sessionId
    this.#options = options
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
  }

  /**
   * Asks for the newest rows, so that a long conversation is on the screen before the rest of it is read, and then for the
   * whole spine; for that alone when the core has moved.
   */
  async fetch(): Promise<void> {
    const { port, page, painted } = this.#options
    if (this.#partial) {
      const part = await port.call('openConversation', { page, sessionId: this.sessionId, newest: true })
      this.#add(part)
      if (part.more !== true) return
      await painted()
      if (this.#closed) return
    }
    const { spine, whole } = await port.call('openConversation', { page, sessionId: this.sessionId })
    this.#items.clear()
    this.#partial = false
    this.#add({ spine, whole })
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
    if (!this.#partial) this.#becomeReady()
    this.#listeners.tell(spine.map(({ itemId }) => itemId))
  }

  spine(): readonly SpineItem[] {
    this.#sorted ??= [...this.#items.values()].sort(byPlace)
    return this.#sorted
  }

  whole(): boolean {
    return this.#whole
  }

  partial(): boolean {
    return this.#partial
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
    // The core knows pages, not conversations: while another part of the page has it open, it goes on being told.
    this.#closed = true
    const { port, page, closed } = this.#options
    if (closed()) void port.call('closeConversation', { page, sessionId: this.sessionId })
  }
}

/** Delivered items by log position, then queued ones by their place in the queue. */
function byPlace(a: SpineItem, b: SpineItem): number {
  if (a.queue > 0 || b.queue > 0) return (a.queue || -1) - (b.queue || -1)
  return a.seq - b.seq || (a.itemId < b.itemId ? -1 : 1)
}
