import { z } from 'zod'
import type { Decider, Described } from '../decider.ts'
import type { Projector } from '../rows/tables.ts'

/** What a log says of itself: every log has such a stream. */
export const logEvents = {
  /**
   * The server was restored from a backup that had the first `size` events, with this Merkle root. What came after them,
   * under the old epoch, is not in this log.
   */
  'log.restored': z.object({
    fromEpoch: z.string().max(64),
    size: z.int().min(0),
    root: z.string().regex(/^[0-9a-f]{64}$/),
  }),
}
export type LogEvent = Described<typeof logEvents>

export const logCommands = {
  /** From the server only, when it starts on a restored store. */
  'log.noteRestore': logEvents['log.restored'],
}
export type LogCommand = Described<typeof logCommands>

/** Nothing is ever decided on it. */
export type LogState = Readonly<Record<string, never>>

export const logDecider: Decider<LogState, LogCommand, LogEvent> = {
  initial: {},
  decide: (command) => [{ type: 'log.restored', data: command.data }],
  evolve: (state) => state,
}

export const logProjector: Projector<LogEvent> = { refs: () => [], project: () => [] }
