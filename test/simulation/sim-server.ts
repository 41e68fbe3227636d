import type { WebSocket } from 'ws'
import { Directory } from '../../apps/sync/src/access/directory.ts'
import { pollHeads } from '../../apps/sync/src/cluster/head-poll.ts'
import { Connection } from '../../apps/sync/src/connection/connection.ts'
import { Peer } from '../../apps/sync/src/connection/peer.ts'
import { SyncRoom } from '../../apps/sync/src/connection/sync-room.ts'
import { Logs } from '../../apps/sync/src/log/logs.ts'
import { Metrics } from '../../apps/sync/src/metrics/metrics.ts'
import type { Principal } from '../../apps/sync/src/principal.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import type { SigningKey } from '../../apps/sync/src/proof/signing-key.ts'
import type { SimBus, SimExchange } from './sim-bus.ts'
import type { Disk } from './disk.ts'
import { SimStore } from './sim-store.ts'
import type { Scheduler } from './scheduler.ts'
import type { ServerEnd } from './wires.ts'

/** A server's real parts, from the socket to the store's interface, over a simulated disk and network. */
export class SimServer {
  readonly actor: string
  readonly store: SimStore
  readonly logs: Logs
  readonly #room: SyncRoom
  readonly #exchange: SimExchange | undefined
  readonly #bus: SimBus | undefined
  /** It has read its logs and takes connections. */
  ready = false

  constructor(of: {
    actor: string
    disk: Disk
    scheduler: Scheduler
    key: SigningKey
    /** How it hears of other servers on the same disk; without one it is alone. */
    exchange: SimExchange | undefined
    /** A store that must answer as the simulated disk does. */
    real: RunningStore | undefined
    now: () => number
    report: (error: unknown) => void
  }) {
    this.actor = of.actor
    this.store = new SimStore(of.disk, of.actor, of.scheduler, of.real)
    const store = this.store.running(of.exchange !== undefined)
    const directory = new Directory()
    const room = new SyncRoom({
      directory,
      store,
      serverVersion: 'simulated',
      key: of.key,
      hasBlob: async () => true,
      metrics: new Metrics(),
      report: of.report,
    })
    this.#room = room
    this.logs = new Logs({
      store,
      directory,
      now: of.now,
      committed: (commit, by) => room.committed(commit, by),
      deriving: {
        key: of.key,
        report: of.report,
        tables: (no) => this.store.tables(no),
        signed: (head) => room.signed(head),
      },
    })
    room.attach(this.logs)
    this.#exchange = of.exchange
    this.#bus = of.exchange?.join(of.actor)
    void this.#start()
  }

  async #start(): Promise<void> {
    await this.logs.load()
    if (this.#bus) {
      this.#room.meet(this.#bus, { credentialsEnded: () => undefined, grew: () => undefined })
      pollHeads(
        () => this.#room.readOn(),
        () => undefined,
      )
      await this.#room.readOn()
    }
    this.ready = true
  }

  accept(end: ServerEnd, principal: Principal): boolean {
    if (!this.ready) return false
    const socket = end as unknown as WebSocket
    const stream = { cork: () => undefined, uncork: () => undefined }
    const peer = new Peer(socket, stream as unknown as ConstructorParameters<typeof Peer>[1])
    this.#room.join(new Connection(socket, peer, principal, this.#room))
    return true
  }

  crash(): void {
    this.ready = false
    this.store.crash()
    if (this.#bus) this.#exchange?.leave(this.#bus)
  }
}
