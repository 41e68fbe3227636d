/** From one client's send to another's hands at 200 commands a second (open loop, 50 subscribers), against a minimal server (PF-2), on `--store pglite` or `postgres`. Seven interleaved pairs. */
import { newId } from '@coppice/events'
import { fixed, judge, median } from './support/figures.ts'
import { prepareCoppice, type LoadTarget } from './support/load-target.ts'
import { benchStore } from './support/stores.ts'
import { runScript, startCoppice, startMinimal, temporaryFolder } from './support/processes.ts'

const { store, count } = await benchStore()
const PAIRS = count ?? 7
const LOAD = { perSecond: 200, subscribers: 50, warm: 300, count: 1_000 }

interface Latency {
  readonly p50: number
  readonly p99: number
}

const data = temporaryFolder()
const [coppice, minimal] = [
  await startCoppice(data.folder, { databaseUrl: await store.database() }),
  await startMinimal(await store.database()),
]
try {
  const measure = (target: LoadTarget): Promise<Latency> =>
    runScript<Latency>('bench/support/latency-load.ts', { ...LOAD, target, run: newId().slice(0, 23) })
  const ratios: Latency[] = []
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    const ours = await measure(await prepareCoppice(coppice.ready))
    const theirs = await measure({ kind: 'minimal', url: minimal.ready.url })
    ratios.push({ p50: ours.p50 / theirs.p50, p99: ours.p99 / theirs.p99 })
    console.log(
      `pair ${pair}: p50 ${fixed(ours.p50)} / p99 ${fixed(ours.p99)} ms, minimal ${fixed(theirs.p50)} / ${fixed(theirs.p99)} ms`,
    )
  }
  judge(`PF-2 p50 ratio to the minimal server on ${store.name}`, median(ratios.map((ratio) => ratio.p50)), {
    atMost: 1.5,
  })
  judge(`PF-2 p99 ratio to the minimal server on ${store.name}`, median(ratios.map((ratio) => ratio.p99)), {
    atMost: 2,
  })
} finally {
  await coppice.stop()
  await minimal.stop()
  await store.remove()
  data.remove()
}
