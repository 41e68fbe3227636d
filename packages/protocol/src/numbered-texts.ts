import { readDelta } from './live-delta.ts'
import type { Live, LiveItem } from './live.ts'

type TextItem = Extract<LiveItem, { kind: 'text' }>

interface Numbered {
  readonly log: string
  readonly session: string
  readonly item: TextItem
  end: number
}

/** The receiver's side of short deltas, for one connection: which text each number means, and how far it has come. */
export class NumberedTexts {
  readonly #texts = new Map<number, Numbered>()

  /** Notes what a long message says of numbers; to be told of every one, in their order. */
  note({ log, session, items, numbers = [], state }: Live): void {
    for (const [n, known] of this.#texts) {
      const isOver = items.some((item) => item.kind === 'end' && item.itemId === known.item.itemId)
      if (known.log === log && known.session === session && (state === true || isOver)) this.#texts.delete(n)
    }
    for (const [itemId, n] of numbers)
      for (const item of items)
        if (item.kind === 'text' && item.itemId === itemId)
          this.#texts.set(n, { log, session, item, end: item.offset + item.text.length })
  }

  /** The message that a short frame stands for; undefined for any other frame, and for a number that means nothing (any more). */
  read(frame: string): Live | undefined {
    const delta = readDelta(frame)
    const known = delta && this.#texts.get(delta.n)
    if (delta === undefined || known === undefined) return undefined
    const item = { ...known.item, offset: known.end, text: delta.text }
    known.end += delta.text.length
    return { t: 'live', log: known.log, session: known.session, items: [item] }
  }
}
