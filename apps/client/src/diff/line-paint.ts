import type { Language } from '@codemirror/language'
import { createSignal } from 'solid-js'
import type { DiffLine, Hunk } from '../git/hunks.ts'
import { markWords } from '../git/patch.ts'
import type { LineRow } from './file-rows.ts'
import { colourLines, languageOf, pieces, type Colour, type Piece } from './highlight.ts'

/** What only passes by is not coloured. */
const STILL_MS = 60
/** Lines that are coloured in one go: a few milliseconds. */
const SEGMENT = 300

/** Colours and marked words of one file's lines, made when they are looked at, a part at a time. */
export class LinePaint {
  readonly #path: string
  readonly #hunks: () => readonly Hunk[]
  readonly #painted: () => number
  readonly #changed: () => void
  readonly #colours = new WeakMap<DiffLine, readonly Colour[]>()
  readonly #words = new WeakMap<DiffLine, DiffLine['words']>()
  #done = new Set<string>()
  #of: readonly Hunk[] = []
  #queue: { hunk: number; from: number }[] = []
  #language: Promise<Language | undefined> | undefined
  #busy = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(path: string, hunks: () => readonly Hunk[]) {
    this.#path = path
    this.#hunks = hunks
    const [painted, setPainted] = createSignal(0)
    this.#painted = painted
    this.#changed = () => setPainted((n) => n + 1)
  }

  /** A line's text in pieces; plain until it is painted, and then told again. */
  pieces(line: DiffLine, text: string): readonly Piece[] {
    this.#painted()
    return pieces(text, this.#colours.get(line) ?? [], this.#words.get(line) ?? [])
  }

  /** These rows are on the page. */
  show(rows: readonly LineRow[]): void {
    const hunks = this.#hunks()
    if (hunks !== this.#of) {
      this.#of = hunks
      this.#done = new Set()
    }
    const wanted = new Map<string, { hunk: number; from: number }>()
    for (const { hunk, at } of rows) {
      const from = Math.floor(at / SEGMENT) * SEGMENT
      const name = `${hunk} ${from}`
      if (hunk >= 0 && !this.#done.has(name)) wanted.set(name, { hunk, from })
    }
    this.#queue = [...wanted.values()]
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#queue.length > 0 && !this.#busy) void this.#work()
    }, STILL_MS)
  }

  async #work(): Promise<void> {
    this.#busy = true
    try {
      this.#language ??= languageOf(this.#path)
      const language = await this.#language
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        this.#done.add(`${next.hunk} ${next.from}`)
        const lines = this.#hunks()[next.hunk]?.lines.slice(next.from, next.from + SEGMENT) ?? []
        for (const [index, marked] of markWords(lines).entries()) {
          const line = lines[index]
          if (line && marked.words.length > 0) this.#words.set(line, marked.words)
        }
        if (language) this.#colour(language, lines)
        this.#changed()
        await idle()
      }
    } finally {
      this.#busy = false
    }
  }

  /** Each side is read as the text it was. */
  #colour(language: Language, lines: readonly DiffLine[]): void {
    for (const other of ['del', 'add'] as const) {
      const side = lines.filter((line) => line.kind !== other)
      const colours = colourLines(
        language,
        side.map((line) => line.text),
      )
      for (const [index, line] of side.entries()) this.#colours.set(line, colours[index] ?? [])
    }
  }
}

/** Between two parts the page has its turn. */
const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
