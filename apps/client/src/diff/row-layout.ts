import type { FileRow } from './file-rows.ts'
import { wrappedLines } from './line-height.ts'
import type { DiffLine } from '../git/hunks.ts'

/** Heights that the style sheet gives, px. */
export const LINE_HEIGHT = 20
export const FOLD_HEIGHT = 28
const NOTE_HEIGHT = 40
const PICTURE_HEIGHT = 320
const THREAD_HEIGHT = 120
export const HEAD_HEIGHT = 40
/** Between two files. */
export const FILE_GAP = 12

export interface LayoutSettings {
  readonly split: boolean
  /** Columns of text that one side has. */
  readonly columns: number
  /** What was measured: threads by their id, and lines whose width cannot be counted. */
  readonly measured: ReadonlyMap<string | DiffLine, number>
}

/** Rows with their places: `tops` has one entry more than there are rows. */
export interface Layout {
  readonly rows: readonly FileRow[]
  readonly tops: Float64Array
  /** Of the rows; a guess where they are not known. */
  readonly height: number
}

/** @param guess changed lines of a file whose patch is not there yet */
export function layoutOf(rows: readonly FileRow[], settings: LayoutSettings, guess: number | undefined): Layout {
  const tops = new Float64Array(rows.length + 1)
  let top = 0
  for (const [index, row] of rows.entries()) {
    tops[index] = top
    top += heightOf(row, settings)
  }
  tops[rows.length] = top
  // A change stands between three lines on each side, and under a fold.
  const guessed = guess === undefined ? 0 : Math.max(NOTE_HEIGHT, (guess + 6) * LINE_HEIGHT + FOLD_HEIGHT)
  return { rows, tops, height: rows.length > 0 ? top : guessed }
}

function heightOf(row: FileRow, { columns, measured }: LayoutSettings): number {
  switch (row.kind) {
    case 'line': {
      const side = (line: DiffLine | undefined) =>
        line === undefined ? LINE_HEIGHT : (measured.get(line) ?? wrappedLines(line.text, columns) * LINE_HEIGHT)
      return row.left === row.right ? side(row.left) : Math.max(side(row.left), side(row.right))
    }
    case 'fold':
      return FOLD_HEIGHT
    case 'thread':
      return measured.get(row.threadId) ?? THREAD_HEIGHT
    case 'writer':
      return measured.get('writer') ?? THREAD_HEIGHT
    case 'picture':
      return PICTURE_HEIGHT
    case 'note':
      return NOTE_HEIGHT
  }
}

/** The last row that begins at or above `y`; the first where none does. */
export function rowAt(tops: Float64Array, y: number): number {
  let low = 0
  let high = Math.max(0, tops.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((tops[middle] ?? 0) <= y) low = middle
    else high = middle - 1
  }
  return low
}
