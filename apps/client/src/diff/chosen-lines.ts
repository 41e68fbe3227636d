import type { CommentPlace } from '@coppice/events'
import { createSignal } from 'solid-js'
import type { DiffLine } from '../git/hunks.ts'
import type { FileModel } from './file-model.ts'
import type { LineRow } from './file-rows.ts'
import { lineOn, placeOf } from './place-thread.ts'

/** Rows of one file, on one side: what keys act on, and what a comment is about. */
interface Chosen {
  readonly file: FileModel
  readonly side: CommentPlace['side']
  /** Where choosing began, and where it is now. */
  readonly from: DiffLine
  readonly to: DiffLine
}

/** The lines that are chosen, by themselves and not by their places: rows come and go. */
export class ChosenLines {
  readonly #chosen: () => Chosen | undefined
  readonly #set: (chosen: Chosen | undefined) => void

  constructor() {
    const [chosen, setChosen] = createSignal<Chosen>()
    this.#chosen = chosen
    this.#set = (next) => setChosen(() => next)
  }

  /** Chooses one line; with `further`, all from the one chosen before to it. */
  choose(file: FileModel, row: LineRow, side: CommentPlace['side'], further: boolean): void {
    const line = lineOn(row, side)
    if (!line) return
    const before = this.#chosen()
    const from = further && before?.file === file && before.side === side ? before.from : line
    this.#set({ file, side, from, to: line })
  }

  clear(): void {
    this.#set(undefined)
  }

  has(file: FileModel, row: LineRow): boolean {
    const chosen = this.#chosen()
    if (chosen?.file !== file) return false
    const line = lineOn(row, chosen.side)
    if (!line) return false
    const [at, from, to] = [numberOn(line, chosen), numberOn(chosen.from, chosen), numberOn(chosen.to, chosen)]
    return at >= Math.min(from, to) && at <= Math.max(from, to)
  }

  /** Whether a line of either side is among the rows that are chosen. */
  hasLine(file: FileModel, line: DiffLine): boolean {
    const chosen = this.#chosen()
    if (chosen?.file !== file) return false
    const rows = file.layout().rows
    const ends = [chosen.from, chosen.to].map((end) => rows.findIndex((row) => lineOn(row, chosen.side) === end))
    const at = rows.findIndex((row) => row.kind === 'line' && (row.left === line || row.right === line))
    return at >= Math.min(...ends) && at <= Math.max(...ends)
  }

  /** Whether lines of a hunk are chosen: more than the one that keys lead to, or one that was clicked. */
  inHunk(file: FileModel, hunk: number): boolean {
    const chosen = this.#chosen()
    if (chosen?.file !== file) return false
    const row = file.layout().rows.find((one) => lineOn(one, chosen.side) === chosen.to)
    return row?.kind === 'line' && row.hunk === hunk
  }

  /** One line more, or one less. @returns the row to be seen */
  step(by: 1 | -1): { file: FileModel; row: number } | undefined {
    const chosen = this.#chosen()
    if (!chosen) return undefined
    const { rows } = chosen.file.layout()
    for (let row = this.#rowOf(chosen) + by; row >= 0 && row < rows.length; row += by) {
      const one = rows[row]
      const line = one && lineOn(one, chosen.side)
      if (!line) continue
      this.#set({ ...chosen, to: line })
      return { file: chosen.file, row }
    }
    return undefined
  }

  /** Where the choice is now. */
  at(): { file: FileModel; row: number } | undefined {
    const chosen = this.#chosen()
    return chosen && { file: chosen.file, row: this.#rowOf(chosen) }
  }

  place(): CommentPlace | undefined {
    const chosen = this.#chosen()
    if (!chosen) return undefined
    const { rows } = chosen.file.layout()
    const ends = rows.flatMap((row, index) => (row.kind === 'line' && this.has(chosen.file, row) ? [index] : []))
    return placeOf(chosen.file.path, chosen.side, rows, ends[0] ?? -1, ends.at(-1) ?? -1)
  }

  #rowOf(chosen: Chosen): number {
    return chosen.file.layout().rows.findIndex((row) => lineOn(row, chosen.side) === chosen.to)
  }
}

const numberOn = (line: DiffLine, { side }: Chosen): number => (side === 'before' ? line.before : line.after) ?? -1
