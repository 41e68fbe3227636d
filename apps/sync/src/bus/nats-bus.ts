import { connect, type NatsConnection } from '@nats-io/transport-node'
import { LIMITS } from '../limits.ts'
import { Listeners, type Bus } from './bus.ts'

/**
 * The bus over NATS, with another to fall back on while NATS is away. It always listens on both: not every server
 * notices at the same moment.
 */
export class NatsBus implements Bus {
  readonly #prefix: string
  readonly #fallback: Bus
  readonly #report: (error: unknown) => void
  readonly #listeners = new Listeners()
  readonly #onConnect: (() => void)[] = []
  #nats: NatsConnection | undefined
  #connected = false
  #closed = false

  /**
   * @param url `nats://host:4222`, also with user and password; several with commas between.
   * @param prefix keeps installations that share a NATS apart.
   */
  constructor(url: string, prefix: string, fallback: Bus, report: (error: unknown) => void) {
    this.#prefix = `coppice.${prefix}.`
    this.#fallback = fallback
    this.#report = report
    this.#open(url).catch((error: unknown) => report(describe(error)))
  }

  async #open(url: string): Promise<void> {
    const warning = setTimeout(
      () => this.#report(new Error('NATS does not answer (NATS_URL); the database carries the news until it does.')),
      LIMITS.busConnectMs,
    )
    warning.unref()
    const nats = await connect({
      servers: url.split(','),
      name: 'coppice',
      maxReconnectAttempts: -1,
      waitOnFirstConnect: true,
      reconnectTimeWait: LIMITS.busRetryMs,
      pingInterval: LIMITS.busConnectMs,
    })
    clearTimeout(warning)
    this.#nats = nats
    if (this.#closed) return nats.close()
    nats.subscribe(`${this.#prefix}>`, {
      callback: (error, message) => {
        if (error) return this.#report(describe(error))
        this.#listeners.tell(message.subject.slice(this.#prefix.length), message.string())
      },
    })
    await nats.flush()
    this.#isConnected()
    for await (const status of nats.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false
        this.#report(new Error('NATS is away; the database carries the news until it is back.'))
      }
      if (status.type === 'reconnect') this.#isConnected()
    }
  }

  #isConnected(): void {
    this.#connected = true
    for (const tell of this.#onConnect) tell()
  }

  publish(topic: string, text: string): void {
    if (this.#connected && this.#nats && text.length * 3 < this.#roomFor(this.#nats))
      this.#nats.publish(this.#prefix + topic, text)
    else this.#fallback.publish(topic, text)
  }

  #roomFor(nats: NatsConnection): number {
    return nats.info?.max_payload ?? 0
  }

  listen(topic: string, listener: (text: string) => void): void {
    this.#listeners.add(topic, listener)
    this.#fallback.listen(topic, listener)
  }

  onConnect(listener: () => void): void {
    this.#onConnect.push(listener)
    this.#fallback.onConnect(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#connected = false
    await this.#nats?.close()
    await this.#fallback.close()
  }
}

const describe = (error: unknown): Error =>
  new Error(`NATS cannot be used (NATS_URL): ${error instanceof Error ? error.message : String(error)}`)
