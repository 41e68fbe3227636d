import type { Journal } from '@coppice/protocol'
import type { RunnerToken } from './connection/server-link.ts'

/** What a runner is started with. */
export type RunnerOptions = {
  readonly server: string
  readonly token: RunnerToken
  readonly dataFolder: string
  readonly gitVersion: string
  readonly env: NodeJS.ProcessEnv
  readonly say: (line: string) => void
  /** Told of what is done, by correlation id. */
  readonly journal: Journal
  /** The runner may not go on: another process took over, or the server does not want it. Its agents have been ended. */
  readonly refused: (why: string) => void
  /** Told once, when the server has welcomed it and its logs are caught up. */
  readonly ready?: () => void
}
