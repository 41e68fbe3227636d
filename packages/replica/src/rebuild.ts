import { PROJECTION_VERSION } from '@coppice/events'
import { ConfirmedState } from './confirmed.ts'
import type { Store } from './store.ts'

const EVENTS_AT_ONCE = 500

/**
 * Folds rows anew from the events that `source` holds (normally the store's own: rows written by other projection code
 * are thrown away and made again). Works off line, loses nothing.
 */
export async function rebuild(store: Store, source: Store = store): Promise<void> {
  const cursors = await source.cursors()
  await store.beginRebuild(PROJECTION_VERSION)
  const confirmed = await ConfirmedState.load(store)
  for (const cursor of cursors) {
    let position = 0
    for (;;) {
      const events = await source.events(cursor.log, position, EVENTS_AT_ONCE)
      const last = events.at(-1)
      if (!last) break
      position = last.position
      await confirmed.apply({ ...cursor, position }, events)
    }
    await confirmed.apply(cursor, [])
  }
}
