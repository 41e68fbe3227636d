/** How soon the server is ready on a new and on an existing data folder, and what it takes idle (PF-9), on `--store pglite` or `postgres`. */
import fs from 'node:fs'
import { fixed, judge, median } from './support/figures.ts'
import { benchStore } from './support/stores.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const { store, count } = await benchStore()
const ROUNDS = count ?? 3
/** PF-9 allows PGlite its memory. */
const MOST_MEGABYTES = store.name === 'PGlite' ? 400 : 150
const IDLE_MS = 8_000

const fresh: number[] = []
const existing: number[] = []
const idle: number[] = []
for (let round = 1; round <= ROUNDS; round += 1) {
  const data = temporaryFolder()
  const database = await store.database()
  const first = await startCoppice(data.folder, { databaseUrl: database })
  await first.stop()
  const second = await startCoppice(data.folder, { databaseUrl: database })
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const memory = residentMegabytes(second.process.pid ?? 0)
  await second.stop()
  data.remove()
  fresh.push(first.readyAfterMs / 1000)
  existing.push(second.readyAfterMs / 1000)
  idle.push(memory)
  console.log(
    `round ${round}: new ${fixed(first.readyAfterMs / 1000)} s, existing ${fixed(second.readyAfterMs / 1000)} s, idle ${fixed(memory, 0)} MB`,
  )
}
judge('PF-9 ready on a new data folder', median(fresh), { atMost: 6 }, ' s')
judge('PF-9 ready on an existing data folder', median(existing), { atMost: 2 }, ' s')
judge(`PF-9 idle memory on ${store.name}`, median(idle), { atMost: MOST_MEGABYTES }, ' MB')
await store.remove()

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1000
}
