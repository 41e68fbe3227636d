import type { RunnerFigures } from '@coppice/protocol'
import { Machine, mostSessions } from './machine.ts'
import { WorkPlaces } from './work-places.ts'

/** What may work on this machine, and how it is doing. */
export class WorkHere {
  readonly places: WorkPlaces
  readonly #machine: Machine

  /** @throws where the settings in the environment make no sense */
  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#machine = new Machine(folder, env, () => this.places.look())
    this.places = new WorkPlaces(mostSessions(env), () => this.#machine.shortOf())
  }

  /** What the server is told of it. */
  get figures(): RunnerFigures {
    return this.#machine.report(this.places)
  }

  stop(): void {
    this.#machine.stop()
  }
}
