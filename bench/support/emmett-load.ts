/** Emmett's event store on a PostgreSQL, in a process of its own: so many appends at once, of so many events each; prints events stored a second. */
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'
import { LOAD_NAME } from './load-target.ts'

export interface EmmettJob {
  readonly url: string
  readonly inFlight: number
  /** Events of one append. */
  readonly batch: number
  readonly warmMs: number
  readonly measureMs: number
}

const job = JSON.parse(process.argv[2] ?? '') as EmmettJob
const store = getPostgreSQLEventStore(job.url)
await store.schema.migrate()

let stored = 0
let stopped = false
/** One of those in flight: a stream of its own, one append after the other, as 64 sessions have it. */
async function append(n: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    if (stopped) return
    const events = Array.from({ length: job.batch }, (_, index) => ({
      type: 'session.renamed',
      data: { name: `${LOAD_NAME}${count} ${index}` },
    }))
    await store.appendToStream(`session-${n}`, events)
    stored += job.batch
  }
}
const all = Array.from({ length: job.inFlight }, (_, n) => append(n))
await new Promise((resolve) => setTimeout(resolve, job.warmMs))
const [before, begun] = [stored, performance.now()]
await new Promise((resolve) => setTimeout(resolve, job.measureMs))
const perSecond = ((stored - before) / (performance.now() - begun)) * 1000
stopped = true
await Promise.all(all)
await store.close()
console.log(JSON.stringify({ perSecond }))
