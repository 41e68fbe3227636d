/** PostgreSQL takes notifications of less than 8,000 bytes; what is left is for the chunk's own head. */
const CHUNK_BYTES = 7_800
/** A text of so many UTF-16 units never has more bytes than that. */
const CHUNK_UNITS = CHUNK_BYTES / 3
/** Publishers whose half-told texts are kept; of more the oldest is forgotten. */
const PUBLISHERS = 1_000

/**
 * Cuts a text into notifications: `publisher.number.more:topic:part`. `more` is how many parts follow, so that the last
 * is known.
 *
 * @param number counts the texts of this publisher.
 */
export function cut(publisher: string, number: number, topic: string, text: string): string[] {
  const parts: string[] = []
  for (let from = 0; from < text.length || from === 0;) {
    const all = from === 0 && Buffer.byteLength(text) <= CHUNK_BYTES - 200
    let to = all ? text.length : Math.min(text.length, from + CHUNK_UNITS - 100)
    // A pair of surrogates is one character.
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1
    parts.push(text.slice(from, to))
    if (text.length === 0) break
    from = to
  }
  return parts.map((part, index) => `${publisher}.${number}.${parts.length - 1 - index}:${topic}:${part}`)
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

interface Half {
  readonly number: string
  readonly left: number
  readonly text: string
}

/** Puts cut texts together. A text of which a part is missing is dropped. */
export class Joiner {
  readonly #halves = new Map<string, Half>()

  /** The whole text, once its last part has come. */
  take(notification: string): { topic: string; text: string } | undefined {
    const [, publisher = '', number = '', more = '', topic = '', part = ''] =
      /^([^.:]*)\.(\d+)\.(\d+):([^:]*):([\s\S]*)$/.exec(notification) ?? []
    const left = Number(more)
    const half = this.#halves.get(publisher)
    const goesOn = half?.number === number
    if (goesOn && half.left !== left + 1) {
      this.#halves.delete(publisher)
      return undefined
    }
    const text = goesOn ? half.text + part : part
    this.#halves.delete(publisher)
    if (left === 0) return { topic, text }
    this.#halves.set(publisher, { number, left, text })
    const oldest = this.#halves.size > PUBLISHERS ? this.#halves.keys().next() : undefined
    if (oldest?.done === false) this.#halves.delete(oldest.value)
    return undefined
  }
}
