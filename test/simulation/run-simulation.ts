import { seeded } from '../../apps/sync/src/testing/random.ts'
import { LIMITS } from '../../apps/sync/src/limits.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import { LOG } from './sim-client.ts'
import { digestOf } from './sim-store.ts'
import { Scheduler } from './scheduler.ts'
import { VirtualTime } from './virtual-time.ts'
import { World } from './world.ts'

export interface Ran {
  readonly steps: number
  /** The same seed gives the same digest of everything that happened. */
  readonly digest: string
  readonly events: number
}

/** Steps with faults. */
const STORMY_STEPS = 600

/** Small ones, so that in a few hundred steps every one of them is met. */
const SMALL_LIMITS = {
  snapshotFromEvents: 15,
  snapshotBehindEvents: 20,
  snapshotStreams: 3,
  catchUpEvents: 8,
  waitingCommits: 3,
  headEvents: 10,
  headerFlushEvents: 10,
  streamHeaders: 6,
  streamStates: 16,
  treeReadEvents: 7,
  rememberedReceipts: 10,
  roomRows: 4,
}

/** Runs one world from its seed to its end, on an empty real store as well if one is given. Throws, with seed and step, where something is not as promised. */
export async function runSimulation(seed: number, real?: RunningStore): Promise<Ran> {
  const random = seeded(seed)
  const scheduler = new Scheduler(random)
  const time = new VirtualTime(scheduler, random)
  const uninstall = time.install()
  const limits = LIMITS as unknown as Record<string, number>
  const usual = { ...limits }
  Object.assign(limits, SMALL_LIMITS)
  const warn = console.warn
  console.warn = () => undefined
  const world = new World(scheduler, time, real)
  try {
    await world.begin()
    for (let step = 0; step < STORMY_STEPS; step += 1) {
      await world.disturb()
      await scheduler.step()
      world.check()
    }
    await world.calm()
    return {
      steps: scheduler.trace.length,
      digest: digestOf([...scheduler.trace, ...world.disk.events(LOG).map((event) => JSON.stringify(event))]),
      events: world.disk.events(LOG).length,
    }
  } catch (error) {
    const last = scheduler.trace.slice(-12).join('\n  ')
    throw new Error(
      `Seed ${seed}, step ${scheduler.trace.length}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThe last steps:\n  ${last}`,
      { cause: error },
    )
  } finally {
    world.end()
    uninstall()
    console.warn = warn
    Object.assign(limits, usual)
  }
}
