import type { ItemRow } from '@coppice/events'
import { Listeners } from './listeners.ts'
import { LruMap } from './lru.ts'
import type { Port } from './port.ts'
import type { Conversation, SpineItem } from './replica.ts'

const BODIES_KEPT = 600
const BODIES_AT_ONCE = 100

/** A conversation as one page holds it: the spine whole, bodies in a bounded cache. */
export class OpenConversation implements Conversation {
  readonly sessionId: string
  readonly ready: Promise<void>
  readonly #port: Port
  readonly #page: string
  /** Whether that was the last of this session on the page. */
  readonly #onClose: () => boolean
  readonly #items = new Map<string, SpineItem>()
  readonly #bodies = new LruMap<string, ItemRow>(BODIES_KEPT)
  readonly #loading = new Set<string>()
  readonly #listeners = new Listeners<readonly string[]>()
  #sorted: readonly SpineItem[] | undefined
  #whole = true
  #becomeReady: () => void = () => undefined

  constructor(sessionId: string, port: Port, page: string, onClose: () => boolean) {
    this.sessionId = sessionId
    this.#port = port
    this.#page = page
    this.#onClose = onClose
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
  }

  /** Asks for the whole spine: at the start, and again when the core has moved. */
  async fetch(): Promise<void> {
    const { spine, whole } = await this.#port.call('openConversation', { page: this.#page, sessionId: this.sessionId })
    this.#whole = whole
    this.#items.clear()
    for (const item of spine) this.#items.set(item.itemId, item)
    for (const item of spine) {
      const body = this.#bodies.get(item.itemId)
      if (body && item.optimistic) this.#bodies.delete(item.itemId)
    }
    this.#sorted = undefined
    this.#becomeReady()
    this.#listeners.tell([...this.#items.keys()])
  }

  spine(): readonly SpineItem[] {
    this.#sorted ??= [...this.#items.values()].sort(byPlace)
    return this.#sorted
  }

  whole(): boolean {
    return this.#whole
  }

  body(itemId: string): ItemRow | undefined {
    return this.#bodies.get(itemId)
  }

  async load(itemIds: readonly string[]): Promise<void> {
    const missing = itemIds.filter((id) => !this.#bodies.has(id) && !this.#loading.has(id) && this.#items.has(id))
    for (let at = 0; at < missing.length; at += BODIES_AT_ONCE) {
      const chunk = missing.slice(at, at + BODIES_AT_ONCE)
      for (const id of chunk) this.#loading.add(id)
      const rows = await this.#port.call('bodies', { itemIds: chunk })
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
    if (this.#onClose()) void this.#port.call('closeConversation', { page: this.#page, sessionId: this.sessionId })
  }
}

/** Delivered items by log position, then queued ones by their place in the queue. */
function byPlace(a: SpineItem, b: SpineItem): number {
  if (a.queue > 0 || b.queue > 0) return (a.queue || -1) - (b.queue || -1)
  return a.seq - b.seq || (a.itemId < b.itemId ? -1 : 1)
}
