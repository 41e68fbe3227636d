import { withAllAnswered } from '../conversation.ts'
import type { Message } from '../conversation.ts'
import type { Entry, Transcript } from './transcript.ts'

/** The conversation of a session, in memory and in its transcript. */
export class ConversationLog {
  readonly #transcript: Transcript
  #messages: Message[] = []
  /** Everything that was said, also what a summary has replaced since. */
  readonly #all: Message[] = []
  model = ''
  usd = 0
  /** Tokens that the conversation took in the model's context when it was last asked. */
  used = 0

  constructor(transcript: Transcript, entries: readonly Entry[] = []) {
    this.#transcript = transcript
    for (const entry of entries) this.#take(entry)
    this.#messages = withAllAnswered(this.#messages)
  }

  get messages(): readonly Message[] {
    return this.#messages
  }

  /** Everything that was said, for showing it again. */
  get whole(): readonly Message[] {
    return this.#all
  }

  add(message: Message): Promise<void> {
    return this.#note({ kind: 'message', message })
  }

  /** Puts a summary in the place of all but the newest messages. */
  compact(summary: Message, kept: number): Promise<void> {
    return this.#note({ kind: 'compacted', summary, kept })
  }

  /** Begins anew: the next request knows nothing of what was. */
  clear(): Promise<void> {
    return this.#note({ kind: 'compacted', summary: { role: 'user', parts: [] }, kept: 0 })
  }

  setModel(model: string): Promise<void> {
    return this.#note({ kind: 'model', model })
  }

  spent(usd: number, used: number): Promise<void> {
    return this.#note({ kind: 'spent', usd, used })
  }

  close(): Promise<void> {
    return this.#transcript.close()
  }

  async #note(entry: Entry): Promise<void> {
    this.#take(entry)
    await this.#transcript.add(entry)
  }

  #take(entry: Entry): void {
    switch (entry.kind) {
      case 'session':
        break
      case 'message':
        this.#messages.push(entry.message)
        this.#all.push(entry.message)
        break
      case 'compacted': {
        const { summary, kept } = entry
        const newest = kept > 0 ? this.#messages.slice(-kept) : []
        this.#messages = summary.role === 'user' && summary.parts.length === 0 ? newest : [summary, ...newest]
        this.used = 0
        break
      }
      case 'model':
        this.model = entry.model
        break
      case 'spent':
        this.usd = entry.usd
        this.used = entry.used
        break
    }
  }
}
