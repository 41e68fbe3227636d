import type { WebSocket } from 'ws'
import { Directory } from '../../apps/sync/src/access/directory.ts'
import { beginEpochs, noteRestore } from '../../apps/sync/src/backup/restored.ts'
import { pollHeads } from '../../apps/sync/src/cluster/head-poll.ts'
import { Connection } from '../../apps/sync/src/connection/connection.ts'
import { Peer } from '../../apps/sync/src/connection/peer.ts'
import { SyncRoom } from '../../apps/sync/src/connection/sync-room.ts'
import { Logs } from '../../apps/sync/src/log/logs.ts'
import { LIMITS } from '../../apps/sync/src/limits.ts'
import { Metrics } from '../../apps/sync/src/metrics/metrics.ts'
import type { Principal } from '../../apps/sync/src/principal.ts'
import { roomRight } from '../../apps/sync/src/rooms/room-access.ts'
import { RoomConnection } from '../../apps/sync/src/rooms/room-connection.ts'
import { Rooms } from '../../apps/sync/src/rooms/rooms.ts'
import type { OtherServers } from '../../apps/sync/src/cluster/other-servers.ts'
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
  readonly #documents: Rooms
  readonly #disk: Disk
  readonly #report: (error: unknown) => void
  readonly #exchange: SimExchange | undefined
  readonly #bus: SimBus | undefined
  #others: OtherServers | undefined
  /** It has read its logs and takes connections. */
  ready = false
  /** It could not start: its process has ended, with a reason, and somebody has to start it again. */
  ended = false

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
    this.#disk = of.disk
    this.#report = of.report
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
    this.#documents = new Rooms(this.store.rooms(), of.report, (name) => this.#others?.tellGrew('rooms', name))
    this.#exchange = of.exchange
    this.#bus = of.exchange?.join(of.actor)
    setInterval(() => room.endSilentRunners(), LIMITS.leaseRenewMs)
    this.#start(store).catch((error: unknown) => {
      of.report(error)
      this.ended = true
    })
  }

  async #start(store: RunningStore): Promise<void> {
    const ended = this.#disk.restored ? await beginEpochs(store, (no) => this.store.tables(no).tiles) : []
    await this.logs.load()
    await noteRestore(this.logs, ended)
    this.#disk.restored = false
    if (this.#bus) {
      this.#others = this.#room.meet(this.#bus, {
        credentialsEnded: () => undefined,
        grew: ({ rooms }) => rooms.forEach((name) => this.#documents.lookForMore(name)),
      })
      this.#documents.meet(this.#bus)
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

  /** Lets somebody into a Yjs room of a workspace, as the room's endpoint does. */
  acceptInRoom(end: ServerEnd, principal: Principal, workspaceId: string, name: string): boolean {
    if (!this.ready) return false
    end.pause()
    this.#enter(end, principal, workspaceId, name).catch((error: unknown) => {
      this.#report(error)
      end.terminate()
    })
    return true
  }

  async #enter(end: ServerEnd, principal: Principal, workspaceId: string, name: string): Promise<void> {
    const room = await this.#documents.open(name)
    if (end.readyState !== end.OPEN) return this.#documents.left(room)
    const right = (): 'none' | 'read' | 'write' => roomRight(this.#room.directory, principal, workspaceId)
    const connection = new RoomConnection(end as unknown as WebSocket, room, principal.id, right)
    end.once('close', () => {
      room.leave(connection)
      this.#documents.left(room)
    })
    end.resume()
  }

  crash(): void {
    this.ready = false
    this.store.crash()
    if (this.#bus) this.#exchange?.leave(this.#bus)
  }
}
