import { PROJECTION_VERSION } from '@coppice/events'
import { ConfirmedState } from './confirmed.ts'
import type { Store } from './store.ts'

/** Large batches: what changes several times in one is written once. */
const EVENTS_AT_ONCE = 2_000

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
    let position = 0
    for (;;) {
      const events = await source.events(cursor.log, position, EVENTS_AT_ONCE)
      const last = events.at(-1)
      if (!last) break
      position = last.position
      // The store's own cursor stands still: its events are there, whatever became of the rows. A copy's goes along with it.
      if (store === source) await confirmed.apply(cursor, events, [])
      else await confirmed.apply({ ...cursor, position }, events)
    }
    await confirmed.apply(cursor, [])
  }
  await store.finishRebuild(PROJECTION_VERSION)
}
