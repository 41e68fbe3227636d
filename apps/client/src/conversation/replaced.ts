import type { SessionRow } from '@coppice/events'
import type { Row } from './units.ts'

/** Parts of a conversation that a rewind replaced, oldest first. */
export type Replaced = SessionRow['replaced']

/** Whether a row was replaced by a rewind. */
export const isReplaced = (row: Pick<Row, 'seq'>, replaced: Replaced): boolean =>
  replaced.some(({ from, to }) => row.seq >= from && row.seq < to)

/** The id of the row that stands for a replaced part. */
export const replacedId = (from: number): string => `replaced-${from}`

/** Puts one row before each replaced part, with the number of its messages; its own rows stay where the part is opened. */
export function foldReplaced(rows: readonly Row[], replaced: Replaced, isOpen: (id: string) => boolean): Row[] {
  if (replaced.length === 0) return [...rows]
  const shown: Row[] = []
  const places = new Map<number, number>()
  for (const row of rows) {
    const part = replaced.find(({ from, to }) => row.seq >= from && row.seq < to)
    if (part === undefined) {
      shown.push(row)
      continue
    }
    const place = places.get(part.from) ?? shown.length
    const fold = shown[place] ?? emptyFold(part.from)
    const messages = fold.lineCount + (row.kind === 'user' || row.kind === 'agent' ? 1 : 0)
    places.set(part.from, place)
    shown[place] = { ...fold, lineCount: messages, revision: messages }
    if (isOpen(replacedId(part.from))) shown.push(row)
  }
  return shown
}

const emptyFold = (from: number): Row => ({
  itemId: replacedId(from),
  kind: 'replaced',
  seq: from - 0.5,
  turnId: '',
  parentId: '',
  status: 'done',
  family: '',
  textLength: 0,
  lineCount: 0,
  revision: 0,
})
