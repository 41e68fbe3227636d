import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store-calls.ts'
import { ByteStreams } from './byte-streams.ts'
import { OpenReads } from './open-reads.ts'
import { Wakeups } from './wakeups.ts'

export interface RunningStreams {
  readonly streams: ByteStreams
  readonly wakeups: Wakeups
  readonly reads: OpenReads
  /** Ends all live reads. */
  close(): void
}

/**
 * The byte streams of a store, with a sweep now and then of those that have expired.
 *
 * @param grew called with the path of a stream that was changed through this server.
 */
export function openStreams(
  store: Pick<Store, 'query'>,
  report: (error: unknown) => void,
  grew: (path: string) => void,
): RunningStreams {
  const wakeups = new Wakeups()
  const streams = new ByteStreams(store, {
    tell: (path) => {
      wakeups.tell(path)
      grew(path)
    },
  })
  const sweeps = setInterval(() => void streams.sweep(Date.now()).catch(report), LIMITS.streamSweepMs)
  sweeps.unref()
  return {
    streams,
    wakeups,
    reads: new OpenReads(),
    close() {
      clearInterval(sweeps)
      wakeups.close()
    },
  }
}
