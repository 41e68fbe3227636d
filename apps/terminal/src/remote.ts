import { makeCommand, newId, type CommandData, type KnownCommand, type LogId, type StreamId } from '@coppice/events'
import {
  fromServerSchema,
  OLDEST_PROTOCOL_VERSION,
  parseFrame,
  PROTOCOL_VERSION,
  type FromClient,
  type FromServer,
  type QueryRequest,
  type Welcome,
} from '@coppice/protocol'
import type { Installation } from './installation.ts'
import { Problem } from './problem.ts'

const ANSWER_WITHIN_MS = 30_000

/** A one-shot connection to the server: asks, waits for the answer, holds no replica. */
export class Remote {
  readonly welcome: Welcome
  readonly #socket: WebSocket
  readonly #listeners = new Set<(message: FromServer) => void>()

  private constructor(socket: WebSocket, welcome: Welcome) {
    this.#socket = socket
    this.welcome = welcome
    socket.addEventListener('message', (event) => {
      const message = read(event)
      for (const listener of this.#listeners) listener(message)
    })
  }

  static async connect(server: Pick<Installation, 'url' | 'ownerToken'>): Promise<Remote> {
    const url = new URL('/sync', server.url)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const headers = { authorization: `Bearer ${server.ownerToken}` }
    // Node's WebSocket takes headers; the type it shares with browsers does not know that.
    const socket = new WebSocket(url, { headers } as unknown as string[])
    const hello: FromClient = {
      t: 'hello',
      version: PROTOCOL_VERSION,
      oldest: OLDEST_PROTOCOL_VERSION,
      role: 'client',
      clientId: newId(),
      appVersion: 'cli',
    }
    socket.addEventListener('open', () => socket.send(JSON.stringify(hello)), { once: true })
    const welcome = await new Promise<Welcome>((resolve, reject) => {
      socket.addEventListener('message', (event) => {
        const message = read(event)
        if (message.t === 'welcome') resolve(message)
        else if (message.t === 'error') reject(new Problem(message.message))
      })
      socket.addEventListener('close', () => reject(new Problem(`The server at ${server.url} closed the connection.`)))
      socket.addEventListener('error', () => reject(new Problem(`The server at ${server.url} cannot be reached.`)))
    })
    return new Remote(socket, welcome)
  }

  /** Sends a command and waits for its receipt. @throws {Problem} with the refusal's words. */
  async command<T extends KnownCommand['type']>(
    address: { log: LogId; stream: StreamId },
    type: T,
    data: CommandData<T>,
  ): Promise<void> {
    const command = makeCommand(address, type, data, { id: newId(), now: Date.now() })
    const receipt = await this.#exchange({ t: 'push', commands: [command] }, (message) =>
      message.t === 'receipt' && message.commandId === command.id ? message : undefined,
    )
    if (receipt.result.kind === 'refused') throw new Problem(receipt.result.refusal.message)
  }

  query(log: string, request: QueryRequest, runnerId: string): Promise<Record<string, unknown>> {
    const id = newId()
    return this.#exchange({ t: 'query', id, log, runnerId, request }, (message) =>
      message.t === 'queryResult' && message.id === id ? message.answer : undefined,
    )
  }

  /** All events of a log, in order. */
  async *events(log: string, head: number): AsyncGenerator<Extract<FromServer, { t: 'events' }>['events']> {
    let position = 0
    while (position < head) {
      const batch = await this.#exchange({ t: 'subscribe', log, epoch: '', position }, (message) =>
        message.t === 'events' && message.log === log && message.from === position && message.to > position
          ? message
          : undefined,
      )
      yield batch.events
      position = batch.to
    }
    this.#send({ t: 'unsubscribe', log })
  }

  close(): void {
    this.#socket.close()
  }

  #send(message: FromClient): void {
    this.#socket.send(JSON.stringify(message))
  }

  #exchange<T>(message: FromClient, pick: (answer: FromServer) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => finish(() => reject(new Problem('The server did not answer in time.'))),
        ANSWER_WITHIN_MS,
      )
      const listener = (answer: FromServer): void => {
        const picked = pick(answer)
        if (picked !== undefined) finish(() => resolve(picked))
        else if (answer.t === 'error') finish(() => reject(new Problem(answer.message)))
      }
      const finish = (then: () => void): void => {
        clearTimeout(timer)
        this.#listeners.delete(listener)
        then()
      }
      this.#listeners.add(listener)
      this.#send(message)
    })
  }
}

function read(event: MessageEvent): FromServer {
  const frame = parseFrame(fromServerSchema, String(event.data))
  if (!frame.ok) throw new Problem(`The server sent something that was not understood: ${frame.problem}`)
  return frame.message
}
