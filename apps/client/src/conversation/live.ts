import type { Live } from '@coppice/protocol'

type LiveText = Extract<Live['items'][number], { kind: 'text' }>

/** Text that is being written now: one growing string a message, outside every store. */
export interface LiveBuffer {
  readonly itemId: string
  readonly channel: LiveText['channel']
  readonly turnId: string
  /** Offset of its first letter: more than 0 where the server has let go of the beginning of a very long text. */
  from: number
  text: string
  readonly startedAt: number
}

export type Applied = 'grew' | 'known' | 'gap'

/** Appends a delta by its offset: what is known is dropped, and a gap is told, never guessed. */
export function applyDelta(buffer: LiveBuffer, offset: number, text: string): Applied {
  const end = buffer.from + buffer.text.length
  if (offset > end) return 'gap'
  const fresh = text.slice(end - offset)
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
  /** The state was asked for after a gap and has not come. */
  #asked = false

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
    const whole = live.state === true
    if (whole) this.#asked = false
    for (const item of live.items) if (item.kind === 'text') this.#takeText(item, whole)
    this.#schedule()
  }

  #takeText(item: LiveText, whole: boolean): void {
    const { itemId, channel, turnId, offset, text } = item
    const known = this.#buffers.get(itemId)
    if (known === undefined) {
      if (offset > 0 && !whole) return this.#gap()
      const buffer = { itemId, channel, turnId, from: offset, text, startedAt: item.at }
      this.#buffers.set(itemId, buffer)
      this.#appeared(buffer)
      this.#dirty.add(itemId)
      return
    }
    const ahead = offset > known.from + known.text.length
    if (whole && (ahead || (offset <= known.from && text.length >= known.text.length))) {
      known.from = offset
      known.text = text
      this.#dirty.add(itemId)
      return
    }
    const applied = applyDelta(known, offset, text)
    if (applied === 'gap') this.#gap()
    else if (applied === 'grew') this.#dirty.add(itemId)
  }

  /** Asked for once: what comes before the answer says nothing new. */
  #gap(): void {
    if (this.#asked) return
    this.#asked = true
    this.#onGap()
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
