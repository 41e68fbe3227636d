import {
  canonicalText,
  INSTANCE_LOG,
  INSTANCE_STREAM,
  makeCommand,
  newId,
  runnerStream,
  WORKSPACE_STREAM,
  type AnyRow,
  type Command,
  type CommandData,
  type KnownCommand,
  type LogId,
  type RecordedEvent,
  type StreamId,
} from '@coppice/events'
import { foldRows } from '@coppice/events/testing'
import { seeded } from '../../apps/sync/src/testing/random.ts'
import { LIMITS } from '../../apps/sync/src/limits.ts'
import type { Principal } from '../../apps/sync/src/principal.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import { SimExchange } from './sim-bus.ts'
import { LOG, SimClient, WORKSPACE } from './sim-client.ts'
import { makeKey } from './sim-key.ts'
import { SimRunner } from './sim-runner.ts'
import { SimServer } from './sim-server.ts'
import { Disk } from './disk.ts'
import { digestOf } from './sim-store.ts'
import { Scheduler } from './scheduler.ts'
import { VirtualTime } from './virtual-time.ts'
import { Wire, type ServerEnd } from './wires.ts'

export interface Ran {
  readonly steps: number
  /** The same seed gives the same digest of everything that happened. */
  readonly digest: string
  readonly events: number
}

/** Steps with faults, and at most so many more until everything must have come to rest. */
const STORMY_STEPS = 500
const CALM_STEPS = 60_000

/** Small ones, so that in a few hundred steps every one of them is met. */
const SMALL_LIMITS = {
  snapshotFromEvents: 15,
  snapshotBehindEvents: 20,
  snapshotStreams: 3,
  catchUpEvents: 8,
  waitingCommits: 3,
  headEvents: 10,
  headerFlushEvents: 10,
  streamHeaders: 6,
  streamStates: 16,
  treeReadEvents: 7,
  rememberedReceipts: 10,
}

const KEY = makeKey()

/** Runs one world from its seed to its end, on an empty real store as well if one is given. Throws, with seed and step, where something is not as promised. */
export async function runSimulation(seed: number, real?: RunningStore): Promise<Ran> {
  const random = seeded(seed)
  const scheduler = new Scheduler(random)
  const time = new VirtualTime(scheduler, random)
  const uninstall = time.install()
  const limits = LIMITS as unknown as Record<string, number>
  const usual = { ...limits }
  Object.assign(limits, SMALL_LIMITS)
  const warn = console.warn
  console.warn = () => undefined
  try {
    const world = new World(scheduler, time, real)
    await world.begin()
    for (let step = 0; step < STORMY_STEPS; step += 1) {
      await world.disturb()
      await scheduler.step()
      world.check()
    }
    await world.calm()
    return {
      steps: scheduler.trace.length,
      digest: digestOf([...scheduler.trace, ...world.disk.events(LOG).map((event) => JSON.stringify(event))]),
      events: world.disk.events(LOG).length,
    }
  } catch (error) {
    const last = scheduler.trace.slice(-12).join('\n  ')
    throw new Error(
      `Seed ${seed}, step ${scheduler.trace.length}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThe last steps:\n  ${last}`,
      { cause: error },
    )
  } finally {
    uninstall()
    console.warn = warn
    Object.assign(limits, usual)
  }
}

const person = (id: string, name: string): Principal => ({ kind: 'user', id, name })
const RUNNER: Principal = { kind: 'runner', id: 'r1', name: 'Runner' }

class World {
  readonly disk = new Disk()
  readonly #scheduler: Scheduler
  readonly #time: VirtualTime
  readonly #exchange: SimExchange | undefined
  readonly #real: RunningStore | undefined
  readonly #servers: (SimServer | undefined)[]
  readonly #clients: SimClient[] = []
  readonly #runner: SimRunner
  readonly #wires = new Set<{ wire: Wire; actor: string; server: string }>()
  #generation = 0
  #problems: unknown[] = []
  /** How long each log was when it was last looked at, and the cursors that have been seen. */
  readonly #lengths = new Map<string, number>()

  constructor(scheduler: Scheduler, time: VirtualTime, real: RunningStore | undefined) {
    this.#real = real
    this.#scheduler = scheduler
    this.#time = time
    const servers = scheduler.chance(0.4) ? 2 : 1
    this.#exchange = servers > 1 ? new SimExchange(scheduler) : undefined
    this.#servers = Array.from({ length: servers }, () => undefined)
    const devices: [string, 'all' | 'opened'][] = [
      ['mara', 'all'],
      ['jo', 'opened'],
      ['mara', 'opened'],
    ]
    for (const [index, [userId, bodies]] of devices.entries()) {
      const actor = `client ${index}`
      const connect = () => this.#connect(actor, person(userId, userId)).client
      this.#clients.push(new SimClient({ actor, userId, bodies, connect, now: Date.now }))
    }
    this.#runner = new SimRunner({
      actor: 'runner',
      id: RUNNER.id,
      connect: () => this.#connect('runner', RUNNER).client,
    })
  }

  /** An installation as it is after its first minutes: an owner, a member, a workspace. Nothing is disturbed yet. */
  async begin(): Promise<void> {
    this.#startServer(0)
    await this.#until(() => this.#servers[0]?.ready === true, 2_000)
    const say = async <T extends KnownCommand['type']>(
      log: LogId,
      stream: StreamId,
      type: T,
      data: CommandData<T>,
      by: string,
    ): Promise<void> => {
      const command: Command = makeCommand({ log, stream }, type, data, { id: newId(), now: Date.now() })
      let done = false
      const submit = async (): Promise<void> => {
        const writer = await this.#servers[0]?.logs.open(log)
        const outcome = await writer?.submit(command, { kind: 'server', onBehalfOf: { kind: 'user', id: by } })
        if (outcome?.kind !== 'accepted') throw new Error(`${type} was not accepted`)
        done = true
      }
      void submit()
      await this.#until(() => done, 2_000)
    }
    await say(INSTANCE_LOG, INSTANCE_STREAM, 'user.join', { userId: 'mara', name: 'Mara', role: 'owner' }, 'mara')
    await say(INSTANCE_LOG, INSTANCE_STREAM, 'user.join', { userId: 'jo', name: 'Jo', role: 'member' }, 'jo')
    await say(INSTANCE_LOG, runnerStream('r1'), 'runner.register', { runnerId: 'r1', name: 'Here' }, 'mara')
    const data = {
      workspaceId: WORKSPACE,
      name: 'Wood',
      source: { kind: 'sample' as const },
      runnerId: 'r1',
      creatorName: 'Mara',
    }
    await say(LOG, WORKSPACE_STREAM, 'workspace.create', data, 'mara')
    const invitation = { invitationId: 'i', role: 'member' as const, expiresAt: Date.now() + 1_000_000 }
    await say(LOG, WORKSPACE_STREAM, 'workspace.invite', invitation, 'mara')
    const accepted = { invitationId: 'i', userId: 'jo', name: 'Jo' }
    await say(LOG, WORKSPACE_STREAM, 'workspace.acceptInvitation', accepted, 'jo')
    for (let index = 1; index < this.#servers.length; index += 1) this.#startServer(index)
    for (const client of this.#clients) this.#as(client.actor, () => client.start())
    this.#as('runner', () => this.#runner.start(true))
  }

  /** What people, and what goes wrong: at most one thing before a step. */
  async disturb(): Promise<void> {
    const { below, chance } = this.#bound
    if (chance(0.12)) {
      const client = this.#clients[below(this.#clients.length)]
      if (client?.running) await this.#scheduler.run(client.actor, 'click', () => client.click(this.#scheduler))
      return
    }
    if (chance(0.05)) return this.#scheduler.run('runner', 'sees', () => this.#runner.see(this.#scheduler))
    if (!this.#runner.connected && chance(0.05))
      return this.#scheduler.run('runner', 'connects', () => this.#runner.start(false))
    if (!chance(0.02)) return
    const what = below(7)
    if (what === 0) return this.#cut()
    if (what === 1 || what === 2) return this.#crashServer(below(this.#servers.length))
    if (what === 3) return this.#crashClient(below(this.#clients.length))
    if (what === 4)
      return this.#scheduler.run('runner', 'is killed and started', () => {
        this.#time.stop('runner')
        this.#runner.crash()
        for (const one of this.#wires) if (one.actor === 'runner') one.wire.cut('silent')
        this.#runner.start(true)
      })
    const server = this.#servers[below(this.#servers.length)]
    if (what === 5 && server) server.store.failing = 1 + below(2)
    if (what === 6 && server) this.#time.skew.set(server.actor, (below(3) - 1) * 3_600_000)
  }

  /** What must hold at every moment. */
  check(): void {
    if (this.#problems.length > 0) throw this.#problems[0]
    for (const { id, bodies } of this.disk.logs) {
      if (bodies.length < (this.#lengths.get(id) ?? 0)) throw new Error(`log ${id} became shorter`)
      this.#lengths.set(id, bodies.length)
    }
    for (const client of this.#clients) {
      if (client.distrust !== '') throw new Error(`${client.actor} distrusts the server: ${client.distrust}`)
      for (const [commandId, settled] of client.settled)
        if (settled === 'accepted' && !this.#isAnswered(commandId))
          throw new Error(`${client.actor} was told that ${commandId} is accepted, and the disk does not have it`)
    }
  }

  /** Nothing goes wrong any more: everything must come to rest, as promised. */
  async calm(): Promise<void> {
    this.#time.skew.clear()
    for (const [index, server] of this.#servers.entries()) {
      if (server) server.store.failing = 0
      else this.#startServer(index)
    }
    for (const client of this.#clients) if (!client.running) this.#as(client.actor, () => client.start())
    let settled = false
    for (let step = 0; step < CALM_STEPS && !settled; step += 1) {
      if (!this.#runner.connected && step % 50 === 0)
        await this.#scheduler.run('runner', 'connects', () => this.#runner.start(false))
      await this.#scheduler.step()
      if (step % 25 === 0) {
        this.check()
        settled = await this.#atRest()
      }
    }
    if (!settled) throw new Error(`it never came to rest: ${await this.#whatIsMissing()}`)
    await this.#checkEnd()
  }

  get #bound() {
    return {
      below: (n: number) => this.#scheduler.below(n),
      chance: (probability: number) => this.#scheduler.chance(probability),
    }
  }

  #as(actor: string, code: () => void): void {
    const before = this.#scheduler.actor
    this.#scheduler.actor = actor
    code()
    this.#scheduler.actor = before
  }

  async #until(done: () => boolean, steps: number): Promise<void> {
    for (let step = 0; step < steps && !done(); step += 1) await this.#scheduler.step()
    if (!done()) throw new Error('the world did not begin')
  }

  #startServer(index: number): void {
    this.#generation += 1
    const actor = `server ${index}.${this.#generation}`
    this.#as(actor, () => {
      this.#servers[index] = new SimServer({
        actor,
        disk: this.disk,
        scheduler: this.#scheduler,
        key: KEY,
        real: this.#real,
        exchange: this.#exchange,
        now: Date.now,
        report: (error) => this.#reported(error),
      })
    })
  }

  /** Servers may complain of a disk that fails; of nothing else. */
  #reported(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    if (!text.includes('disk full')) this.#problems.push(error)
  }

  #connect(actor: string, principal: Principal): Wire {
    const up = this.#servers.filter((server) => server !== undefined)
    const chosen = up[this.#scheduler.below(up.length)]
    const wire = new Wire({
      scheduler: this.#scheduler,
      clientActor: actor,
      serverActor: () => chosen?.actor ?? 'nowhere',
      accept: (end: ServerEnd) =>
        chosen !== undefined && this.#servers.includes(chosen) && chosen.accept(end, principal),
    })
    this.#wires.add({ wire, actor, server: chosen?.actor ?? 'nowhere' })
    return wire
  }

  #cut(): void {
    const open = [...this.#wires].filter(({ wire }) => wire.open)
    open[this.#scheduler.below(open.length)]?.wire.cut()
    for (const one of this.#wires) if (!one.wire.open) this.#wires.delete(one)
  }

  #crashServer(index: number): void {
    const server = this.#servers[index]
    if (!server) return this.#startServer(index)
    this.#scheduler.trace.push(`${server.actor}: crash`)
    server.crash()
    this.#time.stop(server.actor)
    for (const one of this.#wires) if (one.server === server.actor) one.wire.cut('server')
    this.#servers[index] = undefined
    // One of two may stay away for a while; a lone one comes back soon.
    if (this.#servers.length === 1 || this.#scheduler.chance(0.5)) this.#startServer(index)
  }

  #crashClient(index: number): void {
    const client = this.#clients[index]
    if (!client) return
    if (!client.running) return this.#as(client.actor, () => client.start())
    this.#scheduler.trace.push(`${client.actor}: crash`)
    client.crash()
    this.#time.stop(client.actor)
    for (const one of this.#wires) if (one.actor === client.actor) one.wire.cut('silent')
    if (this.#scheduler.chance(0.5)) this.#as(client.actor, () => client.start())
  }

  #isAnswered(commandId: string): boolean {
    return this.disk.ids.has(`${commandId}.0`) || this.disk.receipts.has(commandId)
  }

  async #atRest(): Promise<boolean> {
    return (await this.#whatIsMissing()) === ''
  }

  async #whatIsMissing(): Promise<string> {
    if (this.#runner.spool.length > 0) return `${this.#runner.spool.length} facts in the spool`
    const head = this.disk.events(LOG).length
    for (const { actor, outbox, store, clicked } of this.#clients) {
      const waiting = (await outbox.entries()).length
      if (waiting > 0) return `${waiting} commands in the outbox of ${actor}`
      const position = (await store.cursors()).find((cursor) => cursor.log === LOG)?.position ?? 0
      if (position !== head) return `${actor} stands at ${position} of ${head}`
      const left = (await store.leftStreams()).length
      if (actor === 'client 0' && left > 0) return `${actor} lacks ${left} sessions`
      for (const id of clicked.keys()) if (!this.#isAnswered(id)) return `command ${id} of ${actor} was never answered`
    }
    return ''
  }

  async #checkEnd(): Promise<void> {
    const events = this.disk.events(LOG)
    const ids = new Set(events.map(({ id }) => id))
    if (ids.size !== events.length) throw new Error('an event is in the log twice')
    for (const [index, { position }] of events.entries())
      if (position !== index + 1) throw new Error(`position ${position} stands at place ${index + 1}`)
    for (const id of this.#runner.seen) if (!ids.has(id as RecordedEvent['id'])) throw new Error(`fact ${id} was lost`)
    const causes = new Map<string, number>()
    for (const { type, causationId } of events)
      if (type === 'message.queued') causes.set(causationId, (causes.get(causationId) ?? 0) + 1)
    for (const [id, count] of causes) if (count > 1) throw new Error(`command ${id} was carried out ${count} times`)
    const expected = foldRows(events)
    for (const client of this.#clients) await this.#checkReplica(client, expected)
  }

  async #checkReplica({ actor, store, clicked, outbox }: SimClient, expected: Map<string, AnyRow>): Promise<void> {
    const left = new Set((await store.leftStreams()).map(({ stream }) => stream.slice('session/'.length)))
    for (const table of ['sessions', 'items', 'workspaces', 'members'] as const) {
      const rows = new Map((await store.all(table)).map(({ key, row }) => [key, row]))
      for (const [name, row] of expected) {
        if (!name.startsWith(`${table} `)) continue
        const key = name.slice(table.length + 1)
        const isLeft = table === 'items' && left.has((row as { sessionId: string }).sessionId)
        const has = canonicalText(rows.get(key) ?? null)
        if (!isLeft && has !== canonicalText(row))
          throw new Error(`${actor} has ${name} as ${has}, not ${canonicalText(row)}`)
        rows.delete(key)
      }
      if (rows.size > 0)
        throw new Error(`${actor} has rows of ${table} that are not in the log: ${[...rows.keys()].join()}`)
    }
    const refused = new Set((await outbox.refused()).map(({ command }): string => command.id))
    for (const id of clicked.keys()) {
      const inLog = this.disk.ids.has(`${id}.0`)
      const receipt = this.disk.receipts.get(id)
      if (!inLog && receipt?.refusal && !refused.has(id)) throw new Error(`the refusal of ${id} was lost on ${actor}`)
    }
  }
}
