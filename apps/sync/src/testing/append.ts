import type { EventRow, ReceiptRow } from '../store/event-store.ts'
import type { Store } from '../store/store-calls.ts'

/** An event and its body. */
type TestRow = Omit<EventRow, 'o' | 'l'> & { body: string }
/** An event at a position, with that version of the stream `session/s`. */
export const row = (position: number, more: Partial<TestRow> = {}): TestRow => ({
  body: JSON.stringify({ position }),
  p: position,
  i: `e${position}`,
  s: 'session/s',
  v: position,
  ...more,
})
/** Appends rows as a log writer does. */
export function append(
  store: Pick<Store, 'append'>,
  logNo: number,
  expectedHead: number,
  events: readonly TestRow[],
  receipts: readonly ReceiptRow[] = [],
  producers: readonly { i: string; e: number }[] = [],
) {
  let offset = 1
  const rows = events.map(({ body, ...one }): EventRow => {
    const length = Buffer.byteLength(body)
    offset += length + 1
    return { ...one, o: offset - length - 1, l: length }
  })
  return store.append({
    logNo,
    expectedHead,
    count: events.length,
    events: JSON.stringify(rows),
    bodies: Buffer.from(events.map((event) => event.body).join(',')),
    receipts: JSON.stringify(receipts),
    commandIds: events.flatMap((event) => (event.h === undefined ? [] : [event.i.split('.')[0]])).join(','),
    producers: JSON.stringify(producers),
    inTurn: false,
  })
}
