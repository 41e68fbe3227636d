import { setTimeout as pause } from 'node:timers/promises'
import { newId, type AnyEvent, type Command } from '@coppice/events'
import {
  fromServerSchema,
  NumberedTexts,
  OLDEST_PROTOCOL_VERSION,
  parseFrame,
  PROTOCOL_VERSION,
  type FromClient,
  type FromServer,
  type Hello,
  type Receipt,
  type Welcome,
} from '@coppice/protocol'
import { WebSocket, type ClientOptions } from 'ws'

/** A client that was welcomed. */
export type ConnectedClient = SyncClient & { readonly welcome: Welcome }

type Message<T extends FromServer['t']> = Extract<FromServer, { t: T }>

/** How long a test waits for a message before it fails with all that came instead, milliseconds. */
const PATIENCE_MS = 60_000

/** A peer on a real WebSocket, for tests: keeps all it gets, and checks every frame against the protocol. */
export class SyncClient {
  readonly socket: WebSocket
  readonly received: FromServer[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  /** Bytes of all messages that have come, with what frames them (RFC 6455, 5.2). */
  bytes = 0
  readonly #texts = new NumberedTexts()
  #clientId = newId()

  private constructor(url: string, options: ClientOptions) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + '/sync', options)
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    )
    this.socket.on('error', () => undefined)
    this.socket.on('message', (data) => {
      const { length } = data as Buffer
      this.bytes += length + (length < 126 ? 2 : length < 65_536 ? 4 : 10)
      const delta = this.#texts.read(String(data))
      if (delta) return void this.received.push(delta)
      const parsed = parseFrame(fromServerSchema, String(data))
      if (!parsed.ok) throw new Error(`the server sent a frame outside the protocol: ${parsed.problem}`)
      if (parsed.message.t === 'live') this.#texts.note(parsed.message)
      this.received.push(parsed.message)
    })
  }

  /** Opens a socket and says nothing yet. */
  static async open(url: string, by: { token?: string; cookie?: string; origin?: string }): Promise<SyncClient> {
    const headers = {
      ...(by.token && { authorization: `Bearer ${by.token}` }),
      ...(by.cookie && { cookie: by.cookie }),
    }
    const client = new SyncClient(url, { headers, ...(by.origin && { origin: by.origin }) })
    await new Promise((resolve, reject) => {
      client.socket.once('open', resolve)
      client.socket.once('error', reject)
    })
    return client
  }

  /** Opens a socket, says hello, and gives the welcome. */
  static async connect(
    url: string,
    by: { token?: string; cookie?: string },
    hello: Partial<Hello> = {},
  ): Promise<ConnectedClient> {
    const client = await SyncClient.open(url, by)
    client.hello(hello)
    const welcome = await client.next('welcome')
    return Object.assign(client, { welcome })
  }

  hello(differently: Partial<Hello> = {}): void {
    const version = { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION }
    this.send({ t: 'hello', ...version, role: 'client', clientId: this.#clientId, appVersion: 'test', ...differently })
  }

  send(message: FromClient): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The first message of that kind that fits, whether it came already or comes yet. */
  async next<T extends FromServer['t']>(
    t: T,
    fits: (message: Message<T>) => boolean = () => true,
  ): Promise<Message<T>> {
    const isIt = (message: FromServer): message is Message<T> => message.t === t && fits(message as Message<T>)
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await pause(3)) {
      const found = this.received.find(isIt)
      if (found) return found
    }
    throw new Error(`no ${t} came; instead: ${JSON.stringify(this.received).slice(0, 2_000)}`)
  }

  /** Pushes a command and gives its receipt's result. */
  async push(command: Command): Promise<Receipt['result']> {
    const before = this.received.length
    this.send({ t: 'push', commands: [command] })
    const isIt = (message: FromServer): message is Receipt =>
      message.t === 'receipt' && message.commandId === command.id
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await pause(2)) {
      const receipt = this.received.slice(before).find(isIt)
      if (receipt) return receipt.result
    }
    throw new Error(
      `no receipt for ${command.type} came; instead: ${JSON.stringify(this.received.slice(before)).slice(0, 2_000)}`,
    )
  }

  subscribe(log: string, position = 0, epoch = ''): void {
    this.send({ t: 'subscribe', log, epoch, position })
  }

  /** All events of a log that have come, in the order they came. */
  events(log: string): AnyEvent[] {
    return this.received.flatMap((message) => (message.t === 'events' && message.log === log ? message.events : []))
  }

  /** Waits until a log's events have come up to a position. */
  async eventsUpTo(log: string, position: number): Promise<AnyEvent[]> {
    await this.next('events', (message) => message.log === log && message.to >= position)
    return this.events(log)
  }

  /** Forgets what has come so far. */
  forget(): void {
    this.received.length = 0
  }

  async close(): Promise<void> {
    this.socket.close()
    await this.closed
  }
}
