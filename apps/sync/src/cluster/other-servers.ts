import { randomUUID } from 'node:crypto'
import type { Bus } from '../bus/bus.ts'
import { LIMITS } from '../limits.ts'
import {
  serverMessageSchema,
  type PeopleHere,
  type RunnerHere,
  type ServerMessage,
  type Telling,
} from './server-message.ts'

const TOPIC = 'servers'

/** What this server is asked for and told by the others. */
export interface AtHome {
  readonly runners: () => readonly RunnerHere[]
  readonly people: () => readonly PeopleHere[]
  /** Something that only the room understands. */
  told(message: Exclude<ServerMessage, { m: 'here' | 'gone' | 'runners' }>): void
  /** Runners came or went at another server. */
  runnersChanged(before: readonly RunnerHere[], now: readonly RunnerHere[]): void
  /** A server said who looks at what through it; all of it. */
  peopleAt(server: string, people: readonly PeopleHere[]): void
  report(error: unknown): void
}

interface Other {
  readonly runners: readonly RunnerHere[]
  readonly heardAt: number
}

/** The servers that share our database: who is there, which runners they have. One that is silent is taken for gone. */
export class OtherServers {
  readonly #id = randomUUID()
  readonly #bus: Bus
  readonly #home: AtHome
  readonly #others = new Map<string, Other>()
  readonly #wrote = new Map<string, number>()
  readonly #grew = { streams: new Set<string>(), rooms: new Set<string>() }
  #newsTimer: NodeJS.Timeout | undefined
  readonly #beat: NodeJS.Timeout

  constructor(bus: Bus, home: AtHome) {
    this.#bus = bus
    this.#home = home
    bus.listen(TOPIC, (text) => this.#take(text))
    this.#beat = setInterval(() => this.#live(), LIMITS.serverBeatMs)
    this.#beat.unref()
    bus.onConnect(() => this.#sayHere(true))
    this.#sayHere(true)
  }

  /** Whether there is anybody to tell. */
  get any(): boolean {
    return this.#others.size > 0
  }

  /** The server that has this runner. */
  serverOf(runnerId: string): string | undefined {
    for (const [server, { runners }] of this.#others) if (runners.some((one) => one.id === runnerId)) return server
    return undefined
  }

  /** Runners that are connected to other servers. */
  get runnerIds(): string[] {
    return [...this.#others.values()].flatMap(({ runners }) => runners.map((one) => one.id))
  }

  tell(message: Telling): void {
    if (this.any) this.#publish(message)
  }

  /** A log has grown; told a little later, with others, and only how far. */
  tellWrote(log: string, to: number): void {
    if (!this.any) return
    this.#wrote.set(log, to)
    this.#tellSoon()
  }

  /** A byte stream or a shared document has grown; told in the same way. */
  tellGrew(what: 'streams' | 'rooms', key: string): void {
    if (!this.any) return
    this.#grew[what].add(key)
    this.#tellSoon()
  }

  #tellSoon(): void {
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = undefined
      if (this.#wrote.size > 0) this.tell({ m: 'wrote', heads: [...this.#wrote] })
      this.#wrote.clear()
      const { streams, rooms } = this.#grew
      if (streams.size + rooms.size > 0) this.tell({ m: 'grew', streams: [...streams], rooms: [...rooms] })
      streams.clear()
      rooms.clear()
    }, LIMITS.wakeUpMs)
  }

  close(): void {
    clearInterval(this.#beat)
    clearTimeout(this.#newsTimer)
    this.tell({ m: 'gone' })
  }

  #publish(message: Telling): void {
    this.#bus.publish(TOPIC, JSON.stringify({ ...message, from: this.#id }))
  }

  #sayHere(asks: boolean): void {
    this.#publish({ m: 'here', asks, runners: [...this.#home.runners()], people: [...this.#home.people()] })
  }

  #live(): void {
    this.#sayHere(false)
    const oldest = performance.now() - LIMITS.serverSilenceMs
    for (const [server, { heardAt }] of this.#others) if (heardAt < oldest) this.#forget(server)
  }

  #take(text: string): void {
    const parsed = serverMessageSchema.safeParse(JSON.parse(text))
    // A server of another version says things that this one does not know.
    if (!parsed.success) return this.#home.report(new Error(`another server said what we do not know: ${parsed.error}`))
    const message = parsed.data
    if (message.from === this.#id || ('to' in message && message.to !== this.#id)) return
    switch (message.m) {
      case 'here':
        this.#meet(message.from, message.runners)
        this.#home.peopleAt(message.from, message.people)
        if (message.asks) this.#sayHere(false)
        return
      case 'gone':
        return this.#forget(message.from)
      case 'runners':
        return this.#meet(message.from, message.runners)
      default:
        return this.#home.told(message)
    }
  }

  #meet(server: string, runners: readonly RunnerHere[]): void {
    const before = this.#others.get(server)?.runners ?? []
    this.#others.set(server, { runners, heardAt: performance.now() })
    if (JSON.stringify(before) !== JSON.stringify(runners)) this.#home.runnersChanged(before, runners)
  }

  #forget(server: string): void {
    const before = this.#others.get(server)
    if (before === undefined) return
    this.#others.delete(server)
    this.#home.peopleAt(server, [])
    this.#home.runnersChanged(before.runners, [])
  }
}
