import { createSignal } from 'solid-js'

/** So many files of one session are remembered; the oldest marks go first. */
const MOST = 5_000

const nameOf = (sessionId: string): string => `coppice:viewed:${sessionId}`

/** What a person has looked at on this device: by path, the content that was looked at. When that changes the mark lapses. */
export class ViewedFiles {
  readonly #name: string
  readonly #seen: Map<string, string>
  readonly #changed: () => number
  readonly #change: () => void

  constructor(sessionId: string) {
    this.#name = nameOf(sessionId)
    this.#seen = read(this.#name)
    const [changed, setChanged] = createSignal(0)
    this.#changed = changed
    this.#change = () => setChanged((n) => n + 1)
  }

  has({ path, content }: { path: string; content: string }): boolean {
    this.#changed()
    return this.#seen.get(path) === content
  }

  mark({ path, content }: { path: string; content: string }, viewed: boolean): void {
    this.#seen.delete(path)
    if (viewed) this.#seen.set(path, content)
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MOST) break
      this.#seen.delete(oldest)
    }
    try {
      localStorage.setItem(this.#name, JSON.stringify([...this.#seen]))
    } catch (error) {
      // No room: the marks hold as long as the page does.
      console.warn('The marks of viewed files could not be kept.', error)
    }
    this.#change()
  }
}

function read(name: string): Map<string, string> {
  const kept: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
  const pairs = Array.isArray(kept) ? kept : []
  return new Map(
    pairs.flatMap((pair: unknown): [string, string][] =>
      Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string' ? [[pair[0], pair[1]]] : [],
    ),
  )
}
