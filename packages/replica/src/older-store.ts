import { PROJECTION_VERSION } from '@coppice/events'
import { MemoryStore } from './memory-store.ts'
import { rebuild } from './rebuild.ts'
import type { Store } from './store.ts'
import { WITNESS_NOTE } from './witness.ts'

/** Whether older projection code wrote a store's rows, or a rebuild of them was broken off. An empty store is not older. */
export async function isOlder(store: Store): Promise<boolean> {
  const version = await store.projectionVersion()
  return (version ?? 0) < PROJECTION_VERSION && (await store.cursors()).length > 0
}

/** What a store holds, folded anew from its events into memory, which takes a fraction of the time; the store is closed, and as it was. */
export async function inMemory(store: Store): Promise<Store> {
  const memory = new MemoryStore()
  await rebuild(memory, store)
  const heads = await store.note(WITNESS_NOTE)
  if (heads !== undefined) await memory.keepNote(WITNESS_NOTE, heads)
  await store.close()
  return memory
}
