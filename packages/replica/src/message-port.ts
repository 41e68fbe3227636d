import type { ReplicaCore } from './core.ts'
import { Listeners } from './listeners.ts'
import type { CallArgs, CallName, CallResult, Notice, Port } from './port.ts'

/** What goes from a page to the core. */
export interface CallMessage {
  readonly id: number
  readonly call: CallName
  readonly args: unknown
}

/** What comes back: results and notices in the order the core made them, or word that the core has moved. */
export type CoreMessage =
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'moved' }

/** Answers one call message. A call that throws becomes a `failed` answer, not a lost one. */
export async function answerCall(core: ReplicaCore, message: CallMessage): Promise<CoreMessage> {
  try {
    const result = await core.call(message.call, message.args as CallArgs<CallName>)
    return { kind: 'result', id: message.id, result }
  } catch (error) {
    return { kind: 'failed', id: message.id, message: error instanceof Error ? error.message : String(error) }
  }
}

interface InFlight {
  readonly message: CallMessage
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * A port over a channel of messages. Calls that were under way when the core moved are sent again: all of them may be
 * repeated, commands carry their ids in the outbox.
 */
export class MessagePortToCore implements Port {
  readonly #post: (message: CallMessage) => void
  readonly #end: () => void
  readonly #inFlight = new Map<number, InFlight>()
  readonly #notices = new Listeners<Notice>()
  readonly #moves = new Listeners<void>()
  #next = 1

  constructor(post: (message: CallMessage) => void, end: () => void) {
    this.#post = post
    this.#end = end
  }

  call<K extends CallName>(name: K, args: CallArgs<K>): Promise<CallResult<K>> {
    const message: CallMessage = { id: this.#next, call: name, args }
    this.#next += 1
    return new Promise<CallResult<K>>((resolve, reject) => {
      this.#inFlight.set(message.id, { message, resolve: (result) => resolve(result as CallResult<K>), reject })
      this.#post(message)
    })
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#notices.add(listener)
  }

  onMoved(listener: () => void): () => void {
    return this.#moves.add(listener)
  }

  /** To be called with everything that arrives. */
  receive(message: CoreMessage): void {
    switch (message.kind) {
      case 'notice':
        this.#notices.tell(message.notice)
        return
      case 'moved':
        for (const { message: again } of this.#inFlight.values()) this.#post(again)
        this.#moves.tell()
        return
      case 'result':
      case 'failed': {
        const call = this.#inFlight.get(message.id)
        this.#inFlight.delete(message.id)
        if (message.kind === 'result') call?.resolve(message.result)
        else call?.reject(new Error(message.message))
      }
    }
  }

  close(): void {
    this.#end()
  }
}
