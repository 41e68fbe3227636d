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

/** How long, and how many, commands that are finished are kept. */
export const SETTLED_KEPT_MS = 14 * 24 * 60 * 60 * 1000
export const SETTLED_KEPT = 2_000

/** Durable home of what a person did and the server has not answered yet. It survives the loss of the replica. */
export interface Outbox {
  add(command: Command): Promise<void>
  entries(): Promise<readonly OutboxEntry[]>
  accepted(commandId: string, to: number): Promise<void>
  /**
   * The commands are finished and what they led to is in the replica. They are kept for {@link SETTLED_KEPT_MS} more: a
   * server that is restored from a backup may have to be told of them again.
   */
  settle(commandIds: readonly string[], at: number): Promise<void>
  /** The server's log was set back: what was accepted in it waits again, in its old order. Gives how many those are. */
  reoffer(log: string): Promise<number>
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
  readonly #settled = new Map<string, OutboxEntry>()

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

  async settle(commandIds: readonly string[]): Promise<void> {
    for (const id of commandIds) {
      const entry = this.#entries.get(id)
      if (entry) this.#settled.set(id, entry)
      this.#entries.delete(id)
    }
    for (const id of [...this.#settled.keys()].slice(0, -SETTLED_KEPT)) this.#settled.delete(id)
  }

  async reoffer(log: string): Promise<number> {
    const ofLog = ({ command }: OutboxEntry): boolean => command.log === log
    const again = [...this.#settled.values()].filter(ofLog)
    const all = [...again, ...this.#entries.values()].toSorted((a, b) => a.n - b.n)
    for (const { command } of again) this.#settled.delete(command.id)
    this.#entries.clear()
    for (const entry of all)
      this.#entries.set(entry.command.id, ofLog(entry) ? { ...entry, acceptedTo: undefined } : entry)
    return again.length
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
