import type { LiveItem } from '@coppice/protocol'
import { LIMITS } from '../limits.ts'

type TextItem = Extract<LiveItem, { kind: 'text' }>

/**
 * What is happening in one session right now: the last state of each live item, for those who come late. Bounded:
 * of a very long text only its end is kept, with the offset that says so.
 */
export class LiveRoom {
  readonly #texts = new Map<string, TextItem>()
  #progress: LiveItem | undefined
  #worktree: LiveItem | undefined
  #length = 0

  /** Everything known, as items: a late joiner starts from these. */
  state(): LiveItem[] {
    return [this.#progress, this.#worktree, ...this.#texts.values()].filter((item) => item !== undefined)
  }

  get empty(): boolean {
    return this.#texts.size === 0 && this.#progress === undefined && this.#worktree === undefined
  }

  take(items: readonly LiveItem[]): void {
    for (const item of items) {
      switch (item.kind) {
        case 'text':
          this.#takeText(item)
          break
        case 'end':
          this.#forget(item.itemId)
          break
        case 'progress':
          this.#progress = item.step === '' ? undefined : item
          break
        case 'worktree':
          this.#worktree = item
          break
      }
    }
    this.#trim()
  }

  #takeText(delta: TextItem): void {
    const known = this.#texts.get(delta.itemId)
    this.#texts.set(delta.itemId, known === undefined ? delta : joined(known, delta))
    this.#length += (this.#texts.get(delta.itemId)?.text.length ?? 0) - (known?.text.length ?? 0)
  }

  #forget(itemId: string): void {
    this.#length -= this.#texts.get(itemId)?.text.length ?? 0
    this.#texts.delete(itemId)
  }

  #trim(): void {
    while (this.#texts.size > LIMITS.liveItems || (this.#length > LIMITS.liveText && this.#texts.size > 1)) {
      const oldest = this.#texts.keys().next()
      if (oldest.done) return
      this.#forget(oldest.value)
    }
    if (this.#length <= LIMITS.liveText) return
    for (const [itemId, item] of this.#texts) {
      const cut = this.#length - LIMITS.liveText / 2
      this.#texts.set(itemId, { ...item, offset: item.offset + cut, text: item.text.slice(cut) })
      this.#length -= cut
    }
  }
}

/** Known part dropped, new part appended; after a gap what comes is all that is known. */
function joined(known: TextItem, delta: TextItem): TextItem {
  const end = known.offset + known.text.length
  if (delta.offset > end) return delta
  const fresh = delta.text.slice(end - delta.offset)
  return { ...known, at: delta.at, text: known.text + fresh }
}
