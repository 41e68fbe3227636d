import type { LiveItem } from '@coppice/protocol'
import { LIMITS } from '../limits.ts'
import { Numbers } from './numbers.ts'

type TextItem = Extract<LiveItem, { kind: 'text' }>

interface KnownText {
  readonly item: TextItem
  /** Its number in short deltas; undefined where none was left. */
  readonly n: number | undefined
}

/**
 * What is happening in one session right now: the last state of each live item, for those who come late. Bounded:
 * of a very long text only its end is kept, with the offset that says so.
 */
export class LiveRoom {
  readonly #texts = new Map<string, KnownText>()
  readonly #numbers: Numbers
  #progress: LiveItem | undefined
  #worktree: LiveItem | undefined
  #length = 0

  /** @param numbers the texts of all sessions of a server are numbered together. */
  constructor(numbers = new Numbers()) {
    this.#numbers = numbers
  }

  /** Everything known, as items: a late joiner starts from these. */
  state(): LiveItem[] {
    const texts = [...this.#texts.values()].map(({ item }) => item)
    return [this.#progress, this.#worktree, ...texts].filter((item) => item !== undefined)
  }

  /** The numbers of these texts, by id. */
  numbers(items: readonly LiveItem[]): [itemId: string, n: number][] {
    return items.flatMap((item): [string, number][] => {
      const n = item.kind === 'text' ? this.#texts.get(item.itemId)?.n : undefined
      return item.kind === 'text' && n !== undefined ? [[item.itemId, n]] : []
    })
  }

  /** How a piece goes on with a text that is known and has a number; undefined where it does not. */
  continues({ itemId, offset, text }: TextItem): { readonly n: number; readonly fresh: string } | undefined {
    const known = this.#texts.get(itemId)
    if (known?.n === undefined) return undefined
    const end = known.item.offset + known.item.text.length
    return offset > end ? undefined : { n: known.n, fresh: text.slice(end - offset) }
  }

  /** Nothing is known any more. */
  clear(): void {
    for (const itemId of this.#texts.keys()) this.#forget(itemId)
    this.#progress = this.#worktree = undefined
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
    const item = known === undefined ? delta : joined(known.item, delta)
    this.#texts.set(delta.itemId, { item, n: known ? known.n : this.#numbers.take() })
    this.#length += item.text.length - (known?.item.text.length ?? 0)
  }

  #forget(itemId: string): void {
    const known = this.#texts.get(itemId)
    this.#length -= known?.item.text.length ?? 0
    this.#numbers.free(known?.n)
    this.#texts.delete(itemId)
  }

  #trim(): void {
    while (this.#texts.size > LIMITS.liveItems || (this.#length > LIMITS.liveText && this.#texts.size > 1)) {
      const oldest = this.#texts.keys().next()
      if (oldest.done) return
      this.#forget(oldest.value)
    }
    if (this.#length <= LIMITS.liveText) return
    for (const [itemId, { item, n }] of this.#texts) {
      const cut = this.#length - LIMITS.liveText / 2
      this.#texts.set(itemId, { n, item: { ...item, offset: item.offset + cut, text: item.text.slice(cut) } })
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
