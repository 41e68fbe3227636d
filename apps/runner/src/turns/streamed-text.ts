import type { Redaction } from '../agents/redaction.ts'
import { eventBytes } from './tool-text.ts'

/** One text that grows: secrets are taken out before anything leaves, also such as arrive in two pieces. */
export class StreamedText {
  /** All that may be shown so far. */
  text = ''
  /** What that takes up in an event, bytes. */
  bytes = 0
  readonly #redaction: Redaction
  #held = ''

  constructor(redaction: Redaction) {
    this.#redaction = redaction
  }

  /** Adds a piece. @returns what may be shown now; less where the end could begin a secret. */
  push(piece: string): string {
    const clean = this.#redaction.text(this.#held + piece)
    const held = this.#redaction.heldBack(clean)
    this.#held = held > 0 ? clean.slice(-held) : ''
    return this.#show(held > 0 ? clean.slice(0, -held) : clean)
  }

  /** No more comes. @returns what was held back. */
  end(): string {
    const rest = this.#held
    this.#held = ''
    return this.#show(rest)
  }

  #show(text: string): string {
    this.text += text
    this.bytes += eventBytes(text)
    return text
  }
}
