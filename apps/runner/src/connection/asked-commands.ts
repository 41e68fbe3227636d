import type { Command } from '@coppice/events'
import type { Receipt } from '@coppice/protocol'

interface Asked {
  readonly command: Command
  readonly done: (result: Receipt['result']) => void
}

/** Commands that this runner has asked for and that have no receipt yet: sent anew with each connection until they have. */
export class AskedCommands {
  readonly #waiting = new Map<string, Asked>()
  readonly #send: (command: Command) => void

  /** @param send called where there is a connection */
  constructor(send: (command: Command) => void) {
    this.#send = send
  }

  /** @param connected otherwise it goes with the next connection */
  ask(command: Command, connected: boolean): Promise<Receipt['result']> {
    return new Promise((done) => {
      this.#waiting.set(command.id, { command, done })
      if (connected) this.#send(command)
    })
  }

  /** There is a connection again. */
  again(): void {
    for (const { command } of this.#waiting.values()) this.#send(command)
  }

  answered({ commandId, result }: Receipt): void {
    const asked = this.#waiting.get(commandId)
    this.#waiting.delete(commandId)
    asked?.done(result)
  }
}
