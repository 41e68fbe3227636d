/**
 * Commands stored and acknowledged a second, end to end, with 50 subscribers, against a minimal server on the same kind of
 * store (PF-1): 64 single commands in flight. `--store postgres` also: batches of 100, 8 in flight, and Emmett's event store
 * (a library, no server around it) on the same PostgreSQL, with as much in flight.
 */
import { fixed, judge, median } from './support/figures.ts'
import { prepareCoppice } from './support/load-target.ts'
import { benchStore } from './support/stores.ts'
import { runScript, startCoppice, startMinimal, temporaryFolder } from './support/processes.ts'
import type { AppendJob } from './support/append-load.ts'
import type { EmmettJob } from './support/emmett-load.ts'

const { store, count } = await benchStore()
const ROUNDS = count ?? 5
const TIMES = { warmMs: 1_500, measureMs: 4_000 }
const SINGLES = { inFlight: 64, batch: 1 }
const BATCHES = { inFlight: 8, batch: 100 }
type Shape = typeof SINGLES

const data = temporaryFolder()
const emmettUrl = await store.database()
const coppice = await startCoppice(data.folder, { databaseUrl: await store.database() })
const minimal = await startMinimal(await store.database())
try {
  const measure = async (target: AppendJob['target'], shape: Shape): Promise<number> => {
    const job: AppendJob = { ...TIMES, ...shape, target, connections: 8, subscribers: 50 }
    return (await runScript<{ perSecond: number }>('bench/support/append-load.ts', job)).perSecond
  }
  // A new workspace each: its log begins at the head that its subscribers know.
  const ours = async (shape: Shape): Promise<number> => measure(await prepareCoppice(coppice.ready), shape)
  const theirs = (shape: Shape): Promise<number> => measure({ kind: 'minimal', url: minimal.ready.url }, shape)
  const emmetts = async (url: string, shape: Shape): Promise<number> => {
    const job: EmmettJob = { ...TIMES, ...shape, url }
    return (await runScript<{ perSecond: number }>('bench/support/emmett-load.ts', job)).perSecond
  }

  /** Rounds of ours and the others', one after the other; the median of each ratio. */
  const compare = async (name: string, shape: Shape): Promise<{ toMinimal: number; toEmmett: number | undefined }> => {
    // One unmeasured run each: both are compiled by then.
    await ours(shape)
    await theirs(shape)
    const [toMinimal, toEmmett]: [number[], number[]] = [[], []]
    for (let round = 1; round <= ROUNDS; round += 1) {
      const [one, least] = [await ours(shape), await theirs(shape)]
      const emmett = emmettUrl === undefined ? undefined : await emmetts(emmettUrl, shape)
      toMinimal.push(one / least)
      if (emmett !== undefined) toEmmett.push(one / emmett)
      console.log(
        `${name} ${round}: ${fixed(one, 0)} commands/s, minimal ${fixed(least, 0)} (${fixed(one / least)}x)` +
          (emmett === undefined ? '' : `, Emmett ${fixed(emmett, 0)} (${fixed(one / emmett)}x)`),
      )
    }
    return { toMinimal: median(toMinimal), toEmmett: emmettUrl === undefined ? undefined : median(toEmmett) }
  }

  const singles = await compare('singles', SINGLES)
  const batches = emmettUrl === undefined ? undefined : await compare('batches of 100', BATCHES)
  judge(`PF-1 append ratio to the minimal server on ${store.name}`, singles.toMinimal, {
    atLeast: store.name === 'PGlite' ? 0.7 : 0.65,
  })
  if (singles.toEmmett !== undefined) judge("PF-1 ratio to Emmett's single appends", singles.toEmmett, { atLeast: 4 })
  if (batches?.toEmmett !== undefined)
    judge("PF-1 ratio to Emmett's batches of 100", batches.toEmmett, { atLeast: 1.5 })
} finally {
  await coppice.stop()
  await minimal.stop()
  await store.remove()
  data.remove()
}
