import type { RunnerFigures, RunnerState } from '@coppice/protocol'

/** How runners are doing, as they told this server last (REC-44). Nothing of it is stored. */
export class RunnerReports {
  readonly #last = new Map<string, { readonly at: number; readonly figures: RunnerFigures }>()

  take(runnerId: string, figures: RunnerFigures): void {
    this.#last.set(runnerId, { at: Date.now(), figures })
  }

  /** All runners that this server knows of. @param online those that are connected, here or elsewhere */
  states(online: readonly string[]): RunnerState[] {
    return [...new Set([...online, ...this.#last.keys()])].map((runnerId) => {
      const known = this.#last.get(runnerId)
      const told = known && { lastContact: known.at, figures: known.figures }
      return { runnerId, online: online.includes(runnerId), ...told }
    })
  }
}
