import { attachedTo, refuse, type Command, type LogId, type Refusal } from '@coppice/events'

/**
 * No command that names a file gets past before the file is on the server. Whoever sent it is told `blob_missing` and
 * offers it again with the file; so is what was built on it. Neither leaves a receipt.
 */
export class BlobCheck {
  readonly #hasBlob: (workspaceId: string, sha256: string) => Promise<boolean>
  /** Within a log commands keep their order: the next waits while one is being looked at. */
  readonly #looking = new Map<LogId, Promise<Refusal | undefined>>()
  /** Commands of this connection that still lack a file. */
  readonly #lacking = new Set<string>()

  constructor(hasBlob: (workspaceId: string, sha256: string) => Promise<boolean>) {
    this.#hasBlob = hasBlob
  }

  /** Why the command cannot be decided yet, if so. */
  async look(command: Command): Promise<Refusal | undefined> {
    const before = this.#looking.get(command.log)
    const names = attachedTo(command).length > 0
    if (before === undefined && !names && this.#lacking.size === 0) return undefined
    const look = async (): Promise<Refusal | undefined> => {
      // What became of the one before is for whoever sent it.
      await before?.catch(() => undefined)
      return this.#verdict(command)
    }
    const looking = look()
    this.#looking.set(command.log, looking)
    try {
      return await looking
    } finally {
      if (this.#looking.get(command.log) === looking) this.#looking.delete(command.log)
    }
  }

  async #verdict(command: Command): Promise<Refusal | undefined> {
    if (command.dependsOn?.some((id) => this.#lacking.has(id)))
      return refuse('blob_missing', 'Something this is built on still lacks a file. Offer it again after that.')
    const workspaceId = command.log.startsWith(WORKSPACE) ? command.log.slice(WORKSPACE.length) : undefined
    for (const { sha256, name } of attachedTo(command)) {
      if (workspaceId !== undefined && (await this.#hasBlob(workspaceId, sha256))) continue
      this.#lacking.add(command.id)
      return refuse('blob_missing', `The file “${name}” is not on the server. Send it, then offer this again.`)
    }
    this.#lacking.delete(command.id)
    return undefined
  }
}

const WORKSPACE = 'workspace:'
