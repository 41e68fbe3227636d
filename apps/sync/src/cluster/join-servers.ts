import type { Bus } from '../bus/bus.ts'
import type { SyncRoom, ToldByServers } from '../connection/sync-room.ts'
import { pollHeads } from './head-poll.ts'

/** This server's place among those that share its database. */
export interface Membership {
  /** Undefined where there is nobody to share with. */
  readonly bus: Bus | undefined
  /** A byte stream or a shared document has grown here: who follows it at another server is told. */
  tellGrew(what: 'streams' | 'rooms', key: string): void
  /** A token or session ended here: other servers must look at their connections, too. */
  credentialsEnded(): void
  leave(): Promise<void>
}

const ALONE: Membership = {
  bus: undefined,
  tellGrew: () => undefined,
  credentialsEnded: () => undefined,
  leave: async () => undefined,
}

/** Joins the servers that share the database; a server on PGlite is alone. */
export async function joinServers(of: {
  room: SyncRoom
  databaseUrl: string | undefined
  natsUrl: string | undefined
  instanceId: string
  toldBy: ToldByServers
  report: (error: unknown) => void
}): Promise<Membership> {
  const { room, databaseUrl, natsUrl, instanceId, toldBy, report } = of
  if (databaseUrl === undefined) return ALONE
  const bus = await openBus(databaseUrl, natsUrl, instanceId, report)
  const others = room.meet(bus, toldBy)
  const poll = pollHeads(() => room.readOn(), report)
  // What was written while this server was reading itself in.
  await room.readOn()
  return {
    bus,
    tellGrew: (what, key) => others.tellGrew(what, key),
    credentialsEnded: () => others.tell({ m: 'credentialsEnded' }),
    leave: async () => {
      poll.stop()
      others.close()
      await bus.close()
    },
  }
}

/** What is not used is not read in: a server on PGlite needs neither, most others only the first. */
async function openBus(
  databaseUrl: string,
  natsUrl: string | undefined,
  instanceId: string,
  report: (error: unknown) => void,
): Promise<Bus> {
  const { NotifyBus } = await import('../bus/notify-bus.ts')
  const { readAddress } = await import('../store/postgres-address.ts')
  const notify = new NotifyBus(readAddress(databaseUrl), report)
  await notify.open()
  if (natsUrl === undefined) return notify
  const { NatsBus } = await import('../bus/nats-bus.ts')
  return new NatsBus(natsUrl, instanceId, notify, report)
}
