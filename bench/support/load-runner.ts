import {
  makeObservation,
  newId,
  sessionStream,
  type KnownObservation,
  type LogId,
  type ObservationData,
} from '@coppice/events'
import type { LiveItem } from '@coppice/protocol'
import { WebSocket } from 'ws'
import type { ServerReady } from './processes.ts'

/** Something a load's runner saw in a session. */
export type Saw = {
  readonly [T in KnownObservation['type']]: {
    readonly session: string
    readonly type: T
    readonly data: ObservationData<T>
  }
}[KnownObservation['type']]

/** A runner's connection that speaks the protocol and does nothing else: for loads. */
export class LoadRunner {
  readonly #socket: WebSocket
  readonly #id: string
  readonly #epoch: number
  readonly #answers = new Map<string, (answer: { refusal?: unknown; rejected: readonly unknown[] }) => void>()
  #seq = 0

  private constructor(socket: WebSocket, id: string, epoch: number) {
    this.#socket = socket
    this.#id = id
    this.#epoch = epoch
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as { t: string; batch: string; rejected: readonly unknown[] }
      if (message.t === 'observed') this.#answers.get(message.batch)?.(message)
    })
  }

  static async connect(ready: ServerReady): Promise<LoadRunner> {
    const { runnerToken } = ready as ServerReady & { runnerToken: string }
    const headers = { authorization: `Bearer ${runnerToken}` }
    const socket = new WebSocket(`${ready.url.replace('http', 'ws')}/sync`, { headers, perMessageDeflate: false })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const welcome = new Promise<{ producerEpoch: number }>((resolve) =>
      socket.on('message', (text) => {
        const message = JSON.parse(String(text)) as { t: string; message: string; producerEpoch: number }
        if (message.t === 'welcome') resolve(message)
        if (message.t === 'error') throw new Error(`The server says to the load's runner: ${message.message}`)
      }),
    )
    const hello = { t: 'hello', version: 1, oldest: 1, role: 'runner', clientId: newId(), appVersion: 'bench' }
    socket.send(JSON.stringify(hello))
    return new LoadRunner(socket, ready.runnerId, (await welcome).producerEpoch)
  }

  /** Settles when the server has stored them all. At most 500. */
  async observe(log: LogId, seen: readonly Saw[]): Promise<void> {
    const batch = newId()
    const events = seen.map(({ session, type, data }) => {
      this.#seq += 1
      const actor = { kind: 'agent' as const, id: 'script' }
      const stamp = { id: newId(), now: Date.now(), actor, causationId: newId(), correlationId: newId() }
      const event = makeObservation({ log, stream: sessionStream(session) }, type, data, stamp)
      return { ...event, producer: { id: this.#id, epoch: this.#epoch, seq: this.#seq } }
    })
    const answer = new Promise<{ refusal?: unknown; rejected: readonly unknown[] }>((resolve) =>
      this.#answers.set(batch, resolve),
    )
    this.#socket.send(JSON.stringify({ t: 'observe', batch, log, events }))
    const { refusal, rejected } = await answer
    this.#answers.delete(batch)
    if (refusal !== undefined || rejected.length > 0)
      throw new Error(`What the load's runner saw was not taken: ${JSON.stringify(refusal ?? rejected[0])}`)
  }

  live(log: LogId, session: string, items: readonly LiveItem[]): void {
    this.#socket.send(JSON.stringify({ t: 'live', log, session, items }))
  }

  close(): void {
    this.#socket.terminate()
  }
}
