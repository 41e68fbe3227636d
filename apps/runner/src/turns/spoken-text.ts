import { LIMITS } from '@coppice/events'
import type { Redaction } from '../agents/redaction.ts'
import { derivedId } from '../derived-id.ts'
import type { LiveFeed } from './live-feed.ts'
import { StreamedText } from './streamed-text.ts'
import type { Transcript } from './transcript.ts'

/** A message that is whole, or was cut off. */
export type SpokenMessage = {
  readonly messageId: string
  readonly kind: 'agent' | 'thinking'
  readonly text: string
  readonly completeness: 'whole' | 'cut_off'
  readonly durationMs: number
  /** The step of the sub-agent that said it. */
  readonly parentId?: string
}

type Item = {
  readonly key: string
  readonly channel: 'agent' | 'thinking'
  readonly id: string
  readonly streamed: StreamedText
  readonly startedAt: number
  readonly parentId: string | undefined
}

/** A message of the log has an upper size; what an agent says beyond it goes on in a next message. */
const mostMessageBytes = 40_000
/** Some agents give a whole answer in one piece: it is taken in pieces of this many UTF-16 units. */
const pieceLength = 500

/** What stands in the conversation where it said too much. */
export const saidTooMuch = `The agent said more than ${LIMITS.turnTextChars / 1024 / 1024} MB in this turn. What came after that is not kept; what it does is.`

/** What an agent says in one turn: deltas to those who watch, to the transcript, and whole messages to the log. */
export class SpokenText {
  readonly #turnId: string
  readonly #seed: string
  readonly #redaction: Redaction
  readonly #feed: LiveFeed
  readonly #transcript: Transcript
  readonly #now: () => number
  readonly #whole: (message: SpokenMessage) => void
  readonly #tooMuch: () => void
  #full = false
  #item: Item | undefined
  #count = 0
  /** All that was said, in UTF-16 units, for an estimate of tokens. */
  length = 0

  constructor(parts: {
    turnId: string
    /** What ids are derived from: another one for each process that the turn is worked on by. */
    seed: string
    redaction: Redaction
    feed: LiveFeed
    transcript: Transcript
    now: () => number
    whole: (message: SpokenMessage) => void
    /** Told once, when more was said than a turn may hold; what follows is let go. */
    tooMuch: () => void
  }) {
    this.#tooMuch = parts.tooMuch
    this.#turnId = parts.turnId
    this.#seed = parts.seed
    this.#redaction = parts.redaction
    this.#feed = parts.feed
    this.#transcript = parts.transcript
    this.#now = parts.now
    this.#whole = parts.whole
  }

  /** A piece of the message that `key` names; another key begins another message. */
  say(channel: 'agent' | 'thinking', key: string, text: string, parentId?: string): void {
    for (let at = 0; at < text.length && !this.#full;) {
      const end = wholeLetters(text, at + pieceLength)
      this.#say(channel, key, text.slice(at, end), parentId)
      at = end
      if (this.length < LIMITS.turnTextChars) continue
      this.#full = true
      this.end('cut_off')
      this.#tooMuch()
    }
  }

  #say(channel: 'agent' | 'thinking', key: string, text: string, parentId: string | undefined): void {
    let begun = ''
    if (this.#item && (this.#item.key !== key || this.#item.channel !== channel)) this.end('whole')
    else if (this.#item && this.#item.streamed.bytes > mostMessageBytes) {
      // Cut by us: a secret that stands across the cut must not be cut with it.
      begun = this.#item.streamed.handOver()
      this.end('whole')
    }
    this.#item ??= this.#begin(channel, key, parentId)
    const { streamed } = this.#item
    const offset = streamed.text.length
    this.#show(this.#item, offset, streamed.push(begun + text))
  }

  /** The message is over. */
  end(completeness: 'whole' | 'cut_off'): void {
    const item = this.#item
    if (!item) return
    this.#item = undefined
    const offset = item.streamed.text.length
    this.#show(item, offset, item.streamed.end())
    // The last piece is on its way before the event is: nobody sees a message end and then grow.
    this.#feed.flush()
    const { text } = item.streamed
    if (text.trim() !== '')
      this.#whole({
        messageId: item.id,
        kind: item.channel,
        text,
        completeness,
        durationMs: this.#now() - item.startedAt,
        ...(item.parentId !== undefined && { parentId: item.parentId }),
      })
    this.#feed.end(item.id)
  }

  #begin(channel: 'agent' | 'thinking', key: string, parentId: string | undefined): Item {
    this.#count += 1
    return {
      key,
      channel,
      id: derivedId(this.#seed, 'message', this.#count),
      streamed: new StreamedText(this.#redaction),
      startedAt: this.#now(),
      parentId,
    }
  }

  #show(item: Item, offset: number, text: string): void {
    if (text === '') return
    this.length += text.length
    this.#feed.text({ itemId: item.id, channel: item.channel, turnId: this.#turnId, offset, text })
    this.#transcript.write({ kind: 'text', messageId: item.id, channel: item.channel, text })
  }
}

/** Where to cut a text at about `at`, so that a letter of two units stays whole. */
function wholeLetters(text: string, at: number): number {
  return text.slice(at - 1, at + 1).isWellFormed() ? at : at + 1
}
