import type { Live } from '@coppice/protocol'

type LiveText = Extract<Live['items'][number], { kind: 'text' }>

/** Text that is being written now: one growing string a message, outside every store. */
export interface LiveBuffer {
  readonly itemId: string
  readonly channel: LiveText['channel']
  readonly turnId: string
  text: string
  readonly startedAt: number
}

export type Applied = 'grew' | 'known' | 'gap'

/** Appends a delta by its offset: what is known is dropped, and a gap is told, never guessed. */
export function applyDelta(buffer: LiveBuffer, offset: number, text: string): Applied {
  if (offset > buffer.text.length) return 'gap'
  const fresh = text.slice(buffer.text.length - offset)
  if (fresh === '') return 'known'
  buffer.text += fresh
  return 'grew'
}

/**
 * The live texts of one session. Deltas grow the buffers at once; listeners hear of them once a frame while the page
 * can be seen, and once on its return where it could not.
 */
export class LiveTexts {
  readonly #buffers = new Map<string, LiveBuffer>()
  readonly #listeners = new Map<string, Set<(text: string) => void>>()
  readonly #dirty = new Set<string>()
  readonly #appeared: (buffer: LiveBuffer) => void
  readonly #onGap: () => void
  #frame = 0

  constructor(on: { appeared: (buffer: LiveBuffer) => void; gap: () => void }) {
    this.#appeared = on.appeared
    this.#onGap = on.gap
  }

  get(itemId: string): LiveBuffer | undefined {
    return this.#buffers.get(itemId)
  }

  all(): IterableIterator<LiveBuffer> {
    return this.#buffers.values()
  }

  take(live: Live): void {
    for (const item of live.items) if (item.kind === 'text') this.#takeText(item, live.state === true)
    this.#schedule()
  }

  #takeText(item: LiveText, whole: boolean): void {
    let buffer = this.#buffers.get(item.itemId)
    if (buffer === undefined) {
      if (item.offset > 0) {
        this.#onGap()
        return
      }
      buffer = { itemId: item.itemId, channel: item.channel, turnId: item.turnId, text: '', startedAt: item.at }
      this.#buffers.set(item.itemId, buffer)
      applyDelta(buffer, 0, item.text)
      this.#appeared(buffer)
      this.#dirty.add(item.itemId)
      return
    }
    if (whole && item.offset === 0 && item.text.length >= buffer.text.length) buffer.text = ''
    const applied = applyDelta(buffer, item.offset, item.text)
    if (applied === 'gap') this.#onGap()
    else if (applied === 'grew') this.#dirty.add(item.itemId)
  }

  /** The whole message is in the log now. */
  drop(itemId: string): void {
    this.#buffers.delete(itemId)
    this.#dirty.delete(itemId)
  }

  /** Hears the text so far, at once and then whenever it has grown. */
  listen(itemId: string, listener: (text: string) => void): () => void {
    const all = this.#listeners.get(itemId) ?? new Set()
    this.#listeners.set(itemId, all)
    all.add(listener)
    listener(this.#buffers.get(itemId)?.text ?? '')
    return () => {
      all.delete(listener)
      if (all.size === 0) this.#listeners.delete(itemId)
    }
  }

  #schedule(): void {
    if (this.#dirty.size === 0 || this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      const dirty = [...this.#dirty]
      this.#dirty.clear()
      for (const id of dirty) {
        const buffer = this.#buffers.get(id)
        if (buffer) for (const listener of this.#listeners.get(id) ?? []) listener(buffer.text)
      }
    })
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
  }
}
