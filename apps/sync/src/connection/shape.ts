import type { Shape } from '@coppice/protocol'

/** Which streams of a log a subscriber gets the events of. It grows with every session that is joined. */
export class WantedStreams {
  readonly #all: boolean
  readonly #except: Set<string>

  constructor({ bodies, except }: Shape) {
    this.#all = bodies === 'all'
    this.#except = new Set(except)
  }

  /** Nothing is left out. */
  get everything(): boolean {
    return this.#all && this.#except.size === 0
  }

  has(stream: string): boolean {
    return !stream.startsWith('session/') || this.#except.has(stream) !== this.#all
  }

  /** Of this session the subscriber has only the header. */
  leave(stream: string): void {
    if (this.#all) this.#except.add(stream)
    else this.#except.delete(stream)
  }

  join(stream: string): void {
    if (this.#all) this.#except.delete(stream)
    else this.#except.add(stream)
  }
}
