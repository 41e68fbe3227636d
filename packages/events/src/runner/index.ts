import { z } from 'zod'
import type { Decider, Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import type { Projector } from '../rows/tables.ts'
import { nameSchema } from '../session/vocabulary.ts'

const providerStateSchema = z.object({
  id: z.string().max(40),
  name: z.string().max(80),
  available: z.boolean(),
  reason: z.string().max(500),
  version: z.string().max(80),
  models: z.array(z.object({ id: z.string().max(200), name: z.string().max(200) })).max(100),
})

/** A node that owns worktrees and runs agents. Whether it is connected right now is live state, not an event. */
export const runnerEvents = {
  'runner.registered': z.object({ runnerId: idSchema, name: nameSchema }),
  /** What it can do; observed again whenever that changes. */
  'runner.reported': z.object({
    host: z.string().max(200),
    gitVersion: z.string().max(40),
    /** Of the runner itself. */
    version: z.string().max(40).optional(),
    /** Whether it can keep agents in a sandbox. */
    sandbox: z.boolean().optional(),
    providers: z.array(providerStateSchema).max(40),
  }),
}
export const runnerObservations: readonly string[] = ['runner.reported']
export type RunnerEvent = Described<typeof runnerEvents>

export const runnerCommands = {
  /** From the server only, when a runner token is made. */
  'runner.register': z.object({ runnerId: idSchema, name: nameSchema }),
}
export type RunnerCommand = Described<typeof runnerCommands>

export interface RunnerState {
  readonly exists: boolean
  readonly name: string
}

export const runnerDecider: Decider<RunnerState, RunnerCommand, RunnerEvent> = {
  initial: { exists: false, name: '' },
  decide: (command, state) =>
    state.exists && state.name === command.data.name ? [] : [{ type: 'runner.registered', data: command.data }],
  evolve: (state, event) => (event.type === 'runner.registered' ? { exists: true, name: event.data.name } : state),
}

export const runnerProjector: Projector<RunnerEvent> = {
  refs: (_event, runnerId) => [{ table: 'runners', key: runnerId }],
  project(event, source, read) {
    const runnerId = source.streamId
    const known = read('runners', runnerId) ?? { runnerId, name: runnerId, host: '', gitVersion: '', providers: [] }
    return [{ table: 'runners', key: runnerId, row: { ...known, ...event.data } }]
  },
}
