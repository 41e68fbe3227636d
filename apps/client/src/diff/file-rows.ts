import type { DiffLine, Hunk } from '../git/hunks.ts'

/** Where lines of the file stand that are not part of the diff. */
export interface Gap {
  /** First hidden line on each side, and how many there are; unknown after the last hunk until the file's length is known. */
  readonly before: number
  readonly after: number
  readonly count: number | undefined
}

/** What a file's part of the page is made of, from top to bottom. */
export type FileRow =
  | {
      readonly kind: 'line'
      readonly left: DiffLine | undefined
      readonly right: DiffLine | undefined
      /** Which hunk, and which line of it is its first; -1 for a line around the hunks. */
      readonly hunk: number
      readonly at: number
    }
  /** Hidden lines, and the head of the hunk below them. */
  | { readonly kind: 'fold'; readonly gap: Gap | undefined; readonly hunk: number | undefined; readonly title: string }
  | { readonly kind: 'thread'; readonly threadId: string; readonly lost: boolean }
  /** Where a comment is being written. */
  | { readonly kind: 'writer' }
  /** The picture on both sides. */
  | { readonly kind: 'picture' }
  | { readonly kind: 'note'; readonly text: string; readonly again?: () => void }

export type LineRow = Extract<FileRow, { kind: 'line' }>

/** Which lines of the file are known beside those of the diff: by their number in the newer file. */
export interface Around {
  readonly lines: ReadonlyMap<number, string>
  /** Lines of the whole file, once that is known. */
  readonly total: number | undefined
}

/**
 * The rows of a file in order: its hunks, the lines around them that were fetched, and a fold for each run of lines that
 * was not. With `heads` every hunk has one. In unified form a row has its line in `right`, or in `left` where it was removed.
 */
export function fileRows(hunks: readonly Hunk[], around: Around, split: boolean, heads: boolean): FileRow[] {
  const rows: FileRow[] = []
  let before = 1
  let after = 1
  for (const [index, hunk] of hunks.entries()) {
    // A side without lines is numbered by the line before it.
    const beforeStart = hunk.beforeCount === 0 ? hunk.before + 1 : hunk.before
    const afterStart = hunk.afterCount === 0 ? hunk.after + 1 : hunk.after
    between(rows, { before, after, count: Math.max(0, afterStart - after) }, around, {
      hunk: index,
      title: hunk.title,
      heads,
    })
    const lines = split ? sideBySide(hunk.lines, index) : hunk.lines.map((line, at) => unified(line, index, at))
    for (const row of lines) rows.push(row)
    before = beforeStart + hunk.beforeCount
    after = afterStart + hunk.afterCount
  }
  const count = around.total === undefined ? undefined : Math.max(0, around.total - after + 1)
  if (hunks.length > 0 && count !== 0)
    between(rows, { before, after, count }, around, { hunk: undefined, title: '', heads })
  return rows
}

const unified = (line: DiffLine, hunk: number, at: number): LineRow =>
  line.kind === 'del'
    ? { kind: 'line', left: line, right: undefined, hunk, at }
    : { kind: 'line', left: line.kind === 'context' ? line : undefined, right: line, hunk, at }

/** Removed lines stand beside the added ones that took their place. */
function sideBySide(lines: readonly DiffLine[], hunk: number): LineRow[] {
  const rows: LineRow[] = []
  let dels: DiffLine[] = []
  let adds: DiffLine[] = []
  let first = 0
  const flush = () => {
    for (let n = 0; n < Math.max(dels.length, adds.length); n += 1)
      rows.push({
        kind: 'line',
        left: dels[n],
        right: adds[n],
        hunk,
        at: n < dels.length ? first + n : first + dels.length + n,
      })
    dels = []
    adds = []
  }
  for (const [at, line] of lines.entries()) {
    if (dels.length + adds.length === 0) first = at
    if (line.kind === 'del') {
      // After additions a removal begins a new change.
      if (adds.length > 0) {
        flush()
        first = at
      }
      dels.push(line)
    } else if (line.kind === 'add') adds.push(line)
    else {
      flush()
      rows.push({ kind: 'line', left: line, right: line, hunk, at })
    }
  }
  flush()
  return rows
}

/** Lines between two hunks: what is known as lines, the rest folded; the hunk's own head stands last, right above it. */
function between(
  rows: FileRow[],
  gap: Gap,
  around: Around,
  { hunk, title, heads }: { hunk: number | undefined; title: string; heads: boolean },
): void {
  const shift = gap.before - gap.after
  const last = gap.count === undefined ? lastKnown(around) + 1 : gap.after + gap.count - 1
  let hidden = gap.after
  const fold = (to: number, open: boolean) => {
    const count = to - hidden
    if (count > 0 || open)
      rows.push({
        kind: 'fold',
        gap: { before: hidden + shift, after: hidden, count: open ? undefined : count },
        hunk: undefined,
        title: '',
      })
  }
  for (let n = gap.after; n <= last; n += 1) {
    const text = around.lines.get(n)
    if (text === undefined) continue
    fold(n, false)
    const line: DiffLine = { kind: 'context', before: n + shift, after: n, text, words: [] }
    rows.push({ kind: 'line', left: line, right: line, hunk: -1, at: -1 })
    hidden = n + 1
  }
  if (gap.count === undefined) fold(hidden, true)
  else if (hunk === undefined) fold(last + 1, false)
  else {
    const count = last + 1 - hidden
    if (count <= 0 && !heads) return
    rows.push({
      kind: 'fold',
      gap: count > 0 ? { before: hidden + shift, after: hidden, count } : undefined,
      hunk,
      title,
    })
  }
}

const lastKnown = (around: Around): number => {
  let last = 0
  for (const n of around.lines.keys()) if (n > last) last = n
  return last
}
