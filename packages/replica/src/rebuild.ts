import { PROJECTION_VERSION } from '@coppice/events'
import { ConfirmedState } from './confirmed.ts'
import type { Cursor, Store } from './store.ts'

/** Large batches: what changes several times in one is written once. */
export const EVENTS_AT_ONCE = 4_000

/**
 * Folds rows anew from the events that `source` holds (normally the store's own: rows written by other projection code
 * are thrown away and made again). Works off line, loses nothing: one that is broken off is begun again at the next start,
 * because the store has no version until it is finished.
 */
export async function rebuild(store: Store, source: Store = store): Promise<void> {
  const cursors = await source.cursors()
  await store.beginRebuild()
  const confirmed = await ConfirmedState.load(store)
  for (const cursor of cursors) {
    if (store !== source) await confirmed.copyLeft({ log: cursor.log, epoch: cursor.epoch, position: 0 }, source)
    let position = 0
    for (;;) {
      const events = await source.events(cursor.log, position, EVENTS_AT_ONCE)
      const last = events.at(-1)
      if (!last) break
      position = last.position
      // Of a left session there may be the beginning, where its coming was broken off: it will come again.
      const whole = events.filter((event) => !confirmed.isLeft(cursor.log, event.stream))
      // The store's own cursor stands still: its events are there, whatever became of the rows. A copy's goes along with it.
      if (store === source) await confirmed.refold(cursor, whole)
      else await confirmed.apply({ ...without(cursor), position }, whole)
    }
    await confirmed.apply(cursor, [])
  }
  await store.finishRebuild(PROJECTION_VERSION)
}

/** While it is copied the log's tree is not known: what a shape left out is not among the events. */
const without = ({ log, epoch }: Cursor): Omit<Cursor, 'position'> => ({ log, epoch })
