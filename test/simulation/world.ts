import type { Principal } from '../../apps/sync/src/principal.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import { SimExchange } from './sim-bus.ts'
import { SimClient, WORKSPACE } from './sim-client.ts'
import { makeKey } from './sim-key.ts'
import { furnish } from './furnish.ts'
import { SimRunner } from './sim-runner.ts'
import { SimServer } from './sim-server.ts'
import { SimWriter } from './sim-writer.ts'
import { Disk } from './disk.ts'
import { Promises } from './promises.ts'
import type { Scheduler } from './scheduler.ts'
import type { VirtualTime } from './virtual-time.ts'
import { Wire, type ServerEnd } from './wires.ts'

/** At most so many more steps until everything must have come to rest. */
const CALM_STEPS = 60_000
const ROOM = `${WORKSPACE}/notes`
/** Steps for which somebody's network lets nothing through: shorter and longer than a lease. */
const PARTITION_STEPS = 250

const KEY = makeKey()

const person = (id: string): Principal => ({ kind: 'user', id, name: id })

/** People on three devices, two who write in one document, one or two runners, one or two servers, one disk: and what goes wrong. */
export class World {
  readonly disk = new Disk()
  readonly #scheduler: Scheduler
  readonly #time: VirtualTime
  readonly #exchange: SimExchange | undefined
  readonly #real: RunningStore | undefined
  readonly #servers: (SimServer | undefined)[]
  readonly #clients: SimClient[] = []
  readonly #runners: SimRunner[] = []
  readonly #writers: SimWriter[] = []
  readonly #promises: Promises
  readonly #wires = new Set<{ wire: Wire; actor: string; server: string }>()
  /** Whose network lets nothing through, and until which step. */
  readonly #partitions = new Map<string, number>()
  /** Whether this installation is put back from a backup now and then. */
  readonly #restores: boolean
  #backup: Disk | undefined
  #generation = 0
  #problems: unknown[] = []

  constructor(scheduler: Scheduler, time: VirtualTime, real: RunningStore | undefined) {
    this.#real = real
    this.#scheduler = scheduler
    this.#time = time
    const servers = scheduler.chance(0.4) ? 2 : 1
    this.#exchange = servers > 1 ? new SimExchange(scheduler) : undefined
    this.#servers = Array.from({ length: servers }, () => undefined)
    this.#restores = scheduler.chance(0.3) && real === undefined
    const slowly = scheduler.chance(0.3) ? scheduler : undefined
    const devices: [string, 'all' | 'opened'][] = [
      ['mara', 'all'],
      ['jo', 'opened'],
      ['mara', 'opened'],
    ]
    for (const [index, [userId, bodies]] of devices.entries()) {
      const actor = `client ${index}`
      const connect = () => this.#connect(actor, person(userId)).client
      this.#clients.push(new SimClient({ actor, userId, bodies, connect, now: Date.now, slowly }))
    }
    for (const id of scheduler.chance(0.6) ? ['r1', 'r2'] : ['r1']) {
      const actor = `runner ${id}`
      const connect = () => this.#connect(actor, { kind: 'runner', id, name: id }).client
      this.#runners.push(new SimRunner({ actor, id, connect }))
    }
    for (const userId of scheduler.chance(0.5) ? ['mara', 'jo'] : []) {
      const actor = `writer ${userId}`
      const connect = () => this.#connect(actor, person(userId), ROOM).client
      this.#writers.push(new SimWriter({ actor, room: ROOM, scheduler, connect }))
    }
    const { disk } = this
    this.#promises = new Promises({
      disk,
      clients: this.#clients,
      runners: this.#runners,
      writers: this.#writers,
      room: ROOM,
    })
  }

  /** An installation as it is after its first minutes. Nothing is disturbed yet. */
  async begin(): Promise<void> {
    this.#startServer(0)
    await this.#until(() => this.#servers[0]?.ready === true, 2_000)
    const runnerIds = this.#runners.map(({ id }) => id)
    const open = (log: Parameters<SimServer['logs']['open']>[0]) => this.#servers[0]?.logs.open(log)
    await furnish({ open, runnerIds, until: (done) => this.#until(done, 2_000) })
    this.#startServers()
    for (const client of this.#clients) this.#as(client.actor, () => client.start())
    for (const runner of this.#runners) this.#as(runner.actor, () => runner.start())
    for (const writer of this.#writers) this.#as(writer.actor, () => writer.start())
  }

  /** What people do, what agents do, and what goes wrong: at most one thing before a step. */
  async disturb(): Promise<void> {
    const { below, chance } = this.#bound
    if (chance(0.12)) return this.#act(this.#clients, 'click', (client) => client.click(this.#scheduler))
    if (chance(0.1)) return this.#act(this.#runners, 'sees', (runner) => runner.see(this.#scheduler))
    if (this.#writers.length > 0 && chance(0.05)) return this.#act(this.#writers, 'writes', (writer) => writer.write())
    if (!chance(0.025)) return
    const server = this.#servers[below(this.#servers.length)]
    switch (below(9)) {
      case 0:
        return this.#cut()
      case 1:
      case 2:
        return this.#crashServer(below(this.#servers.length))
      case 3:
        return this.#crashPage(this.#clients)
      case 4:
        return this.#crashRunner()
      case 5:
        if (server) server.store.failing = 1 + below(2)
        return
      case 6:
        if (server) this.#time.skew.set(server.actor, (below(3) - 1) * 3_600_000)
        return
      case 7:
        return this.#partition()
      default:
        return this.#restores && chance(0.6) ? this.#backUpOrRestore() : this.#crashPage(this.#writers)
    }
  }

  /** What must hold at every moment. */
  check(): void {
    if (this.#problems.length > 0) throw this.#problems[0]
    this.#promises.check()
  }

  /** Nothing goes wrong any more: everything must come to rest, as promised. */
  async calm(): Promise<void> {
    this.#time.skew.clear()
    this.#partitions.clear()
    for (const server of this.#servers) if (server) server.store.failing = 0
    for (const one of [...this.#clients, ...this.#writers]) if (!one.running) this.#as(one.actor, () => one.start())
    let settled = false
    for (let step = 0; step < CALM_STEPS && !settled; step += 1) {
      this.#startServers()
      if (step % 10 === 0) await this.#act(this.#runners, 'sees', (runner) => runner.see(this.#scheduler))
      await this.#scheduler.step()
      if (step % 25 === 0) {
        this.check()
        settled = (await this.#promises.missing()) === ''
      }
    }
    if (!settled) throw new Error(`it never came to rest: ${await this.#promises.missing()}`)
    await this.#promises.checkEnd()
  }

  /** Lets go of what this world holds of the process around it. */
  end(): void {
    for (const writer of this.#writers) writer.crash()
  }

  get #bound() {
    return {
      below: (n: number) => this.#scheduler.below(n),
      chance: (probability: number) => this.#scheduler.chance(probability),
    }
  }

  async #act<T extends { readonly actor: string }>(among: readonly T[], what: string, act: (one: T) => void) {
    const one = among[this.#scheduler.below(among.length)]
    if (one) await this.#scheduler.run(one.actor, what, () => act(one))
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

  /** Starts what is not up. After a restore one server alone says so in the logs, before there are others. */
  #startServers(): void {
    for (const [index, server] of this.#servers.entries()) if (server?.ended) this.#endServer(server, index)
    for (const [index, server] of this.#servers.entries())
      if (!server && (index === 0 || !this.disk.restored)) this.#startServer(index)
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

  #connect(actor: string, principal: Principal, room?: string): Wire {
    const up = this.#servers.filter((server) => server !== undefined)
    const chosen = up[this.#scheduler.below(up.length)]
    const wire = new Wire({
      scheduler: this.#scheduler,
      clientActor: actor,
      serverActor: () => chosen?.actor ?? 'nowhere',
      held: () => (this.#partitions.get(actor) ?? 0) > this.#scheduler.trace.length,
      accept: (end: ServerEnd) => {
        if (chosen === undefined || !this.#servers.includes(chosen)) return false
        return room === undefined ? chosen.accept(end, principal) : chosen.acceptInRoom(end, principal, WORKSPACE, room)
      },
    })
    this.#wires.add({ wire, actor, server: chosen?.actor ?? 'nowhere' })
    return wire
  }

  #cut(): void {
    const open = [...this.#wires].filter(({ wire }) => wire.open)
    open[this.#scheduler.below(open.length)]?.wire.cut()
    for (const one of this.#wires) if (!one.wire.open) this.#wires.delete(one)
  }

  /** Somebody's network lets nothing through for a while, and nobody learns of it. */
  #partition(): void {
    const { below, chance } = this.#bound
    const among = chance(0.6) ? this.#runners : [...this.#clients, ...this.#writers]
    const actor = among[below(among.length)]?.actor ?? ''
    this.#partitions.set(actor, this.#scheduler.trace.length + below(PARTITION_STEPS))
    this.#scheduler.trace.push(`${actor}: is cut off`)
  }

  #crashServer(index: number): void {
    const server = this.#servers[index]
    if (!server) return this.#startServers()
    this.#endServer(server, index)
    // One of two may stay away for a while; a lone one comes back soon.
    if (this.#servers.length === 1 || this.#scheduler.chance(0.5)) this.#startServers()
  }

  #endServer(server: SimServer, index: number): void {
    this.#scheduler.trace.push(`${server.actor}: crash`)
    server.crash()
    this.#time.stop(server.actor)
    for (const one of this.#wires) if (one.server === server.actor) one.wire.cut('server')
    this.#servers[index] = undefined
  }

  #backUpOrRestore(): void {
    if (this.#backup === undefined || this.disk.restored || this.#scheduler.chance(0.3)) {
      this.#scheduler.trace.push('world: backup')
      if (!this.disk.restored) this.#backup = this.disk.copy()
      return
    }
    this.#scheduler.trace.push('world: restore')
    for (const [index, server] of this.#servers.entries()) if (server) this.#endServer(server, index)
    const backup = this.#backup
    this.#promises.restoring(() => this.disk.putBack(backup))
    this.#startServers()
  }

  #crashPage(among: readonly (SimClient | SimWriter)[]): void {
    const page = among[this.#scheduler.below(among.length)]
    if (!page) return
    if (!page.running) return this.#as(page.actor, () => page.start())
    this.#scheduler.trace.push(`${page.actor}: crash`)
    this.#as(page.actor, () => page.crash())
    this.#time.stop(page.actor)
    for (const one of this.#wires) if (one.actor === page.actor) one.wire.cut('silent')
    if (this.#scheduler.chance(0.5)) this.#as(page.actor, () => page.start())
  }

  /** Killed, and started again at once or after a while. */
  #crashRunner(): void {
    const runner = this.#runners[this.#scheduler.below(this.#runners.length)]
    if (!runner?.running) return
    this.#scheduler.trace.push(`${runner.actor}: is killed`)
    runner.crash()
    this.#time.stop(runner.actor)
    for (const one of this.#wires) if (one.actor === runner.actor) one.wire.cut('silent')
    const pause = this.#scheduler.chance(0.5) ? 0 : this.#scheduler.below(40_000)
    this.#as(`${runner.actor}'s machine`, () => setTimeout(() => this.#as(runner.actor, () => runner.start()), pause))
  }
}
