import type { ServerFigures } from '@coppice/protocol'
import type { RunningStore } from '../store/running-store.ts'

/** How the server is doing (REC-44): asks the store, and waits its turn. Throws where the store does not answer. */
export async function serverFigures(store: Pick<RunningStore, 'query' | 'shared'>): Promise<ServerFigures> {
  const due = performance.now()
  await new Promise((turn) => setImmediate(turn))
  const began = performance.now()
  await store.query('select 1', [])
  const answeredMs = rounded(performance.now() - began)
  return { store: { kind: store.shared ? 'postgresql' : 'pglite', answeredMs }, lagMs: rounded(began - due) }
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10
