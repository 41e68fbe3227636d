import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { LIMITS } from '../limits.ts'
import { Listeners, type Bus } from './bus.ts'
import { cut, Joiner } from './chunks.ts'

const CHANNEL = 'coppice'

/**
 * The bus over PostgreSQL's LISTEN and NOTIFY, on one connection of its own. Texts wait while a statement is on its
 * way and go out with the next. When the connection breaks, what waits is dropped and it is opened again.
 */
export class NotifyBus implements Bus {
  readonly #config: pg.ClientConfig
  readonly #report: (error: unknown) => void
  readonly #listeners = new Listeners()
  readonly #joiner = new Joiner()
  readonly #id = randomUUID()
  #client: pg.Client | undefined
  readonly #connected: (() => void)[] = []
  #waiting: string[] = []
  #sending = false
  #sent: Promise<void> = Promise.resolve()
  #published = 0
  #closed = false
  #retry: NodeJS.Timeout | undefined

  /** @param config where the database is; the first connection is made by {@link open}. */
  constructor(config: pg.ClientConfig, report: (error: unknown) => void) {
    this.#config = config
    this.#report = report
  }

  /** Connects for the first time. Later it does so by itself. */
  async open(): Promise<void> {
    const client = new pg.Client({
      ...this.#config,
      application_name: 'coppice bus',
      keepAlive: true,
      connectionTimeoutMillis: LIMITS.databaseConnectMs,
      query_timeout: LIMITS.databaseCallMs,
      // A notification takes a commit; it need not wait for the disk.
      options: '-c synchronous_commit=off -c tcp_keepalives_idle=5',
    })
    client.on('notification', ({ payload = '' }) => {
      const whole = this.#joiner.take(payload)
      if (whole) this.#listeners.tell(whole.topic, whole.text)
    })
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, new Error('the connection ended')))
    await client.connect()
    await client.query(`listen ${CHANNEL}`)
    this.#client = client
    if (this.#closed) return client.end()
    for (const tell of this.#connected) tell()
  }

  publish(topic: string, text: string): void {
    if (this.#client === undefined) return
    this.#published += 1
    this.#waiting.push(...cut(this.#id, this.#published, topic, text))
    if (!this.#sending) this.#sent = this.#send(this.#client)
  }

  async #send(client: pg.Client): Promise<void> {
    this.#sending = true
    try {
      while (this.#waiting.length > 0) {
        const texts = this.#waiting.splice(0)
        await client.query({
          name: 'notify',
          text: `select pg_notify('${CHANNEL}', text) from unnest($1::text[]) as text`,
          values: [texts],
        })
      }
    } catch (error) {
      this.#lost(client, error)
      // Lost already, and told; closing what is left of it may fail.
      client.end().catch(() => undefined)
    }
    this.#sending = false
  }

  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client || this.#closed) return
    this.#client = undefined
    this.#waiting = []
    this.#report(
      new Error(
        `The other servers cannot be told of news for the moment: ${error instanceof Error ? error.message : String(error)}`,
      ),
    )
    this.#tryAgain()
  }

  #tryAgain(): void {
    this.#retry = setTimeout(() => {
      // The database is away: its other users report that.
      if (!this.#closed) this.open().catch(() => this.#tryAgain())
    }, LIMITS.busRetryMs)
    this.#retry.unref()
  }

  listen(topic: string, listener: (text: string) => void): void {
    this.#listeners.add(topic, listener)
  }

  onConnect(listener: () => void): void {
    this.#connected.push(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    // What was said last (that this server goes) is still on its way, and ending the connection would drop it.
    await Promise.race([this.#sent, pause(LIMITS.busLastWordsMs, undefined, { ref: false })])
    await this.#client?.end()
  }
}
