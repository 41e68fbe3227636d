/** Commands stored and acknowledged a second, against a minimal server on the same durable PGlite (PF-1). 64 single commands in flight, 50 subscribers. */
import { fixed, judge, median } from './support/figures.ts'
import { prepareCoppice } from './support/load-target.ts'
import { benchStore } from './support/stores.ts'
import { runScript, startCoppice, startMinimal, temporaryFolder } from './support/processes.ts'
import type { AppendJob } from './support/append-load.ts'

const { store, count } = await benchStore()
const PAIRS = count ?? 5
const LOAD = { connections: 8, inFlight: 64, subscribers: 50, warmMs: 1_500, measureMs: 4_000 }

const data = temporaryFolder()
const [coppice, minimal] = [
  await startCoppice(data.folder, await store.database()),
  await startMinimal(await store.database()),
]
try {
  const measure = async (target: AppendJob['target']): Promise<number> => {
    const { perSecond } = await runScript<{ perSecond: number }>('bench/support/append-load.ts', { ...LOAD, target })
    return perSecond
  }
  const theirTarget = { kind: 'minimal' as const, url: minimal.ready.url }
  // One unmeasured run each: both are compiled by then.
  await measure(await prepareCoppice(coppice.ready))
  await measure(theirTarget)
  const ratios: number[] = []
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    // A new workspace each: its log begins at the head that its subscribers know.
    const ours = await measure(await prepareCoppice(coppice.ready))
    const theirs = await measure(theirTarget)
    ratios.push(ours / theirs)
    console.log(
      `pair ${pair}: ${fixed(ours, 0)} commands/s, minimal ${fixed(theirs, 0)}, ratio ${fixed(ours / theirs)}`,
    )
  }
  judge(`PF-1 append ratio to the minimal server on ${store.name}`, median(ratios), {
    atLeast: store.name === 'PGlite' ? 0.7 : 0.65,
  })
} finally {
  await coppice.stop()
  await minimal.stop()
  await store.remove()
  data.remove()
}
