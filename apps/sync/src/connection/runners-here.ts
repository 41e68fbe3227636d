import type { RunnerHere } from '../cluster/server-message.ts'
import type { Connection } from './connection.ts'

interface Here {
  readonly connection: Connection
  readonly epoch: number
}

/** The runners that are connected to this server, one connection each; the one with the highest epoch stays. */
export class RunnersHere {
  readonly #byId = new Map<string, Here>()
  /** The process that last spoke for each runner, here or elsewhere: another one begins anew. */
  readonly #processes = new Map<string, string>()

  ids(): string[] {
    return [...this.#byId.keys()]
  }

  list(): RunnerHere[] {
    return [...this.#byId].map(([id, { connection, epoch }]) => ({ id, process: connection.clientId ?? '', epoch }))
  }

  of(id: string): Connection | undefined {
    return this.#byId.get(id)?.connection
  }

  /** Takes a connection in; an earlier one of the same runner is sent away. */
  admit(connection: Connection, epoch: number): void {
    const { id } = connection.principal
    const before = this.#byId.get(id)
    // Two greetings at once: the store ordered them.
    if (before !== undefined && before.epoch > epoch) return dismiss(connection, before.connection.clientId)
    this.#byId.set(id, { connection, epoch })
    if (before) dismiss(before.connection, connection.clientId)
  }

  /** A runner has connected to another server; true if it was here before. */
  movedAway({ id, process, epoch }: RunnerHere): boolean {
    const before = this.#byId.get(id)
    if (before === undefined || before.epoch >= epoch) return false
    this.#byId.delete(id)
    dismiss(before.connection, process)
    return true
  }

  /** Notes which process speaks for a runner. True if it is another one than before. */
  speaks(id: string, process: string): boolean {
    const changed = this.#processes.get(id) !== process
    this.#processes.set(id, process)
    return changed
  }

  /** True if this connection was the runner's. */
  left(connection: Connection): boolean {
    const { id } = connection.principal
    return this.#byId.get(id)?.connection === connection && this.#byId.delete(id)
  }
}

/** The same process has simply connected again; another one must stop. */
function dismiss(connection: Connection, process: string | undefined): void {
  if (connection.clientId === process) connection.peer.end()
  else connection.peer.refuse('fenced', 'Another process of this runner has connected. This one must stop.')
}
