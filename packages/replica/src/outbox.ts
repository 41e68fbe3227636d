import type { Command, Refusal } from '@coppice/events'

/** A command that waits for its receipt, or for the cursor to pass what it was accepted at. */
export interface OutboxEntry {
  /** Order in which the person acted; grows. */
  readonly n: number
  readonly command: Command
  /** Position up to which its events stand in the log, once accepted. */
  readonly acceptedTo: number | undefined
}

/** A command that the server refused, kept until the person has dealt with it. */
export interface RefusedEntry {
  readonly command: Command
  readonly refusal: Refusal
  readonly at: number
}

/** Durable home of what a person did and the server has not answered yet. It survives the loss of the replica. */
export interface Outbox {
  add(command: Command): Promise<void>
  entries(): Promise<readonly OutboxEntry[]>
  accepted(commandId: string, to: number): Promise<void>
  /** The command is finished and its events are in the replica. */
  remove(commandIds: readonly string[]): Promise<void>
  refuse(command: Command, refusal: Refusal, at: number): Promise<void>
  refused(): Promise<readonly RefusedEntry[]>
  dismiss(commandId: string): Promise<void>
  close(): Promise<void>
}

/** An outbox in memory, for programs that live only as long as their commands. */
export class MemoryOutbox implements Outbox {
  #n = 0
  readonly #entries = new Map<string, OutboxEntry>()
  readonly #refused = new Map<string, RefusedEntry>()

  async add(command: Command): Promise<void> {
    this.#n += 1
    this.#entries.set(command.id, { n: this.#n, command, acceptedTo: undefined })
  }

  async entries(): Promise<readonly OutboxEntry[]> {
    return [...this.#entries.values()]
  }

  async accepted(commandId: string, to: number): Promise<void> {
    const entry = this.#entries.get(commandId)
    if (entry) this.#entries.set(commandId, { ...entry, acceptedTo: to })
  }

  async remove(commandIds: readonly string[]): Promise<void> {
    for (const id of commandIds) this.#entries.delete(id)
  }

  async refuse(command: Command, refusal: Refusal, at: number): Promise<void> {
    this.#entries.delete(command.id)
    this.#refused.set(command.id, { command, refusal, at })
  }

  async refused(): Promise<readonly RefusedEntry[]> {
    return [...this.#refused.values()]
  }

  async dismiss(commandId: string): Promise<void> {
    this.#refused.delete(commandId)
  }

  /** Nothing to let go of. */
  async close(): Promise<void> {
    return undefined
  }
}
