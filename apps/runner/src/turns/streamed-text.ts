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
    const { clean, held } = this.#redaction.release(this.#held + piece)
    this.#held = held
    return this.#show(clean)
  }

  /** No more comes. @returns what was held back. */
  end(): string {
    return this.#show(this.#redaction.rest(this.handOver()))
  }

  /** It goes on as another text: what is held back is that one's beginning, and no longer this one's. Not redacted. */
  handOver(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  #show(text: string): string {
    this.text += text
    this.bytes += eventBytes(text)
    return text
  }
}
