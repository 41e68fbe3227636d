import {
  isRefusal,
  checkCommand,
  makeCommand,
  newId,
  sessionStream,
  workspaceLog,
  type Command,
  type CommandData,
  type KnownCommand,
} from '@coppice/events'
import {
  MemoryOutbox,
  MemoryStore,
  ReplicaCore,
  type Bodies,
  type Notice,
  type Outbox,
  type Socket,
} from '@coppice/replica'
import { SimDevice } from './sim-device.ts'
import type { Scheduler } from './scheduler.ts'

export const WORKSPACE = 'w'
export const LOG = workspaceLog(WORKSPACE)

const STORE_WRITES = ['apply', 'keepNote', 'eraseLog', 'beginRebuild', 'finishRebuild'] as const
const OUTBOX_WRITES = ['add', 'accepted', 'settle', 'reoffer', 'refuse', 'dismiss'] as const

/** What a device keeps when its browser dies, and what this run remembers of it. */
export class SimClient {
  readonly actor: string
  readonly userId: string
  readonly store = new MemoryStore()
  readonly outbox = new MemoryOutbox()
  /** Commands that were clicked: they are in the outbox, so they must end in the log or be refused. */
  readonly clicked = new Map<string, Command>()
  /** What the server said of them. */
  readonly settled = new Map<string, 'accepted' | 'refused'>()
  readonly sessions: string[] = []
  distrust = ''
  readonly #connect: () => Socket
  readonly #bodies: Bodies
  readonly #now: () => number
  /** Where each write of the device takes a step; undefined where it is done as it is asked for. */
  readonly #slowly: Scheduler | undefined
  #device: SimDevice | undefined
  #outboxHere: Outbox = this.outbox
  #core: Promise<ReplicaCore> | undefined
  #generation = 0

  constructor(of: {
    actor: string
    userId: string
    bodies: Bodies
    connect: () => Socket
    now: () => number
    slowly: Scheduler | undefined
  }) {
    this.#slowly = of.slowly
    this.actor = of.actor
    this.userId = of.userId
    this.#connect = of.connect
    this.#bodies = of.bodies
    this.#now = of.now
  }

  get running(): boolean {
    return this.#core !== undefined
  }

  start(): void {
    this.#generation += 1
    const generation = this.#generation
    this.#device = this.#slowly && new SimDevice(this.actor, this.#slowly)
    const { store, outbox } = this
    this.#outboxHere = this.#device?.writing(outbox, OUTBOX_WRITES) ?? outbox
    this.#core = ReplicaCore.open({
      store: this.#device?.writing(store, STORE_WRITES) ?? store,
      outbox: this.#outboxHere,
      userId: this.userId,
      clientId: `${this.actor}-${generation}`,
      appVersion: 'simulated',
      bodies: this.#bodies,
      // What a dead browser had begun may still come to its end here; it reaches nobody any more.
      connect: () => (generation === this.#generation ? this.#connect() : new Nowhere()),
      now: this.#now,
      notify: (notice) => {
        if (generation === this.#generation) this.#told(notice)
      },
    })
  }

  /** The browser dies: only what store and outbox hold is left. */
  crash(): void {
    this.#generation += 1
    this.#core = undefined
    this.#device?.crash()
  }

  /** Whoever uses this device does something. */
  click(scheduler: Scheduler): void {
    const session = this.sessions[scheduler.below(this.sessions.length)]
    if (session === undefined || scheduler.chance(0.15)) {
      const sessionId = newId()
      this.sessions.push(sessionId)
      const data = {
        sessionId,
        workspaceId: WORKSPACE,
        mode: 'chat' as const,
        provider: 'script',
        model: '',
        baseBranch: 'main',
        stepMode: 'auto' as const,
      }
      return this.#send(sessionId, 'session.create', data)
    }
    const what = scheduler.below(5)
    if (what === 2) return this.#send(session, 'queue.release', {})
    if (what === 0) return this.#send(session, 'session.rename', { name: `Name ${scheduler.below(1000)}` })
    if (what === 1) return this.#open(session)
    this.#send(session, 'message.send', { messageId: newId(), text: `${this.userId} says ${scheduler.below(1000)}` })
  }

  /** Somebody opens a session, which may have to be fetched. */
  #open(sessionId: string): void {
    void this.#core?.then((core) => core.call('openConversation', { page: 'page', sessionId }))
  }

  #send<T extends KnownCommand['type']>(session: string, type: T, data: CommandData<T>): void {
    const address = { log: LOG, stream: sessionStream(session) }
    const command = makeCommand(address, type, data, { id: newId(), now: this.#now() })
    const refusal = checkCommand(command)
    if (refusal && isRefusal(refusal)) throw new Error(refusal.message)
    void this.#put(command)
  }

  async #put(command: Command): Promise<void> {
    await this.#outboxHere.add(command)
    this.clicked.set(command.id, command)
    await (await this.#core)?.call('outboxChanged', { commandId: command.id })
  }

  #told(notice: Notice): void {
    if (notice.n === 'settled') this.settled.set(notice.commandId, notice.settled.kind)
    if (notice.n === 'connection') this.distrust = notice.connection.distrust
    if (notice.n === 'rows')
      for (const change of notice.changes)
        if (change.table === 'sessions' && change.row && !this.sessions.includes(change.key))
          this.sessions.push(change.key)
  }
}

/** A socket that never opens. */
class Nowhere implements Socket {
  onopen = null
  onclose = null
  onmessage = null
  onerror = null
  send(): void {
    return undefined
  }
  close(): void {
    return undefined
  }
}
