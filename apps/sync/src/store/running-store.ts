import type { Store } from './store-calls.ts'

/** A store that is open. */
export interface RunningStore extends Store {
  /** Whether other servers may write to it at the same time. */
  readonly shared: boolean
  /** Settles when it has died for good: nothing can be stored any more. A database that may come back does not settle it. */
  readonly failed: Promise<Error>
  /** How many syncs the disk has had from it; only PGlite's are ours to count. */
  syncs?(): Promise<number>
  /** Copies the whole of it, as it is at one moment, into a folder that is not there yet. A PostgreSQL has tools of its own for that. */
  copyTo?(folder: string): Promise<void>
  /**
   * Waits for this log's turn and holds it until the answer is called: appends by others wait. For a writer that was
   * overtaken. It ends by itself when this server is gone, or idle for {@link LIMITS.turnMs}.
   */
  takeTurn(logNo: number): Promise<() => void>
  /** Runs `work` while no other server runs any: for what happens at a start. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
}
