import type { CommentPlace } from '@coppice/events'
import type { DiffLine } from '../git/hunks.ts'
import type { FileRow } from './file-rows.ts'

type Placed = Pick<CommentPlace, 'side' | 'line' | 'endLine' | 'quote' | 'above' | 'below'>

/** The line of one side in a row, if that side has one there. */
export const lineOn = (row: FileRow, side: CommentPlace['side']): DiffLine | undefined =>
  row.kind !== 'line' ? undefined : side === 'before' ? row.left : row.right

/**
 * The row below which a comment stands: its last line, wherever that is now. A line is taken for the one that was meant where
 * its text is the same; of several, the one whose neighbours fit best, then the nearest. Undefined where the line is gone,
 * or is not among the rows.
 */
export function placeThread(place: Placed, rows: readonly FileRow[]): number | undefined {
  const wanted = place.quote.at(-1)
  if (wanted === undefined) return undefined
  const onSide: { row: number; line: DiffLine }[] = []
  for (const [row, one] of rows.entries()) {
    const line = lineOn(one, place.side)
    if (line) onSide.push({ row, line })
  }
  let best: { row: number; score: number; far: number } | undefined
  for (const [at, { row, line }] of onSide.entries()) {
    if (cut(line.text) !== wanted) continue
    const far = Math.abs((numberOn(line, place.side) ?? 0) - place.endLine)
    const score = fit(at, onSide, place)
    // A line that stands alone among strangers is another line of the same text ("}").
    const alone = far > 0 && score === 0 && place.quote.length + place.above.length + place.below.length > 1
    if (alone) continue
    if (best === undefined || score > best.score || (score === best.score && far < best.far)) best = { row, score, far }
  }
  return best?.row
}

const numberOn = (line: DiffLine, side: CommentPlace['side']): number | undefined =>
  side === 'before' ? line.before : line.after

/** Comments keep so much of a line. */
export const KEPT_CHARS = 400
export const cut = (text: string): string => text.slice(0, KEPT_CHARS)

/** How many neighbours are as they were; the nearer one stands, the more it counts. */
function fit(at: number, lines: readonly { line: DiffLine }[], place: Placed): number {
  const before = [...place.above, ...place.quote.slice(0, -1)].reverse()
  const same = (n: number, text: string) => {
    const other = lines[n]
    return other !== undefined && cut(other.line.text) === text
  }
  const count = (texts: readonly string[], step: 1 | -1): number =>
    texts.reduce((sum, text, n) => sum + (same(at + step * (n + 1), text) ? 1 / (n + 1) : 0), 0)
  return count(before, -1) + count(place.below, 1)
}

const CONTEXT = 3
const QUOTE = 40

/** What a comment on some rows of one side keeps, to be found again. Undefined where that side has no line there. */
export function placeOf(
  path: string,
  side: CommentPlace['side'],
  rows: readonly FileRow[],
  first: number,
  last: number,
): CommentPlace | undefined {
  const onSide = rows.flatMap((row, index) => {
    const line = lineOn(row, side)
    return line ? [{ index, line }] : []
  })
  const chosen = onSide.filter(({ index }) => index >= first && index <= last)
  const begin = chosen[0]
  const end = chosen.at(-1)
  if (!begin || !end) return undefined
  const from = onSide.indexOf(begin)
  const to = onSide.indexOf(end)
  const texts = (lines: typeof onSide) => lines.map(({ line }) => cut(line.text))
  return {
    path,
    side,
    line: numberOn(begin.line, side) ?? 1,
    endLine: numberOn(end.line, side) ?? 1,
    quote: texts(chosen.slice(-QUOTE)),
    above: texts(onSide.slice(Math.max(0, from - CONTEXT), from)),
    below: texts(onSide.slice(to + 1, to + 1 + CONTEXT)),
  }
}
