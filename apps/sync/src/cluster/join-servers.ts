import type { Bus } from '../bus/bus.ts'
import { NatsBus } from '../bus/nats-bus.ts'
import { NotifyBus } from '../bus/notify-bus.ts'
import type { SyncRoom } from '../connection/sync-room.ts'
import { readAddress } from '../store/postgres-address.ts'
import { pollHeads } from './head-poll.ts'

/** This server's place among those that share its database. */
export interface Membership {
  /** Undefined where there is nobody to share with. */
  readonly bus: Bus | undefined
  /** A token or session ended here: other servers must look at their connections, too. */
  credentialsEnded(): void
  leave(): Promise<void>
}

const ALONE: Membership = { bus: undefined, credentialsEnded: () => undefined, leave: async () => undefined }

/** Joins the servers that share the database; a server on PGlite is alone. */
export async function joinServers(of: {
  room: SyncRoom
  databaseUrl: string | undefined
  natsUrl: string | undefined
  instanceId: string
  credentialsEnded: () => void
  report: (error: unknown) => void
}): Promise<Membership> {
  const { room, databaseUrl, natsUrl, instanceId, credentialsEnded, report } = of
  if (databaseUrl === undefined) return ALONE
  const notify = new NotifyBus(readAddress(databaseUrl), report)
  await notify.open()
  const bus = natsUrl === undefined ? notify : new NatsBus(natsUrl, instanceId, notify, report)
  const others = room.meet(bus, credentialsEnded)
  const poll = pollHeads(() => room.readOn(), report)
  // What was written while this server was reading itself in.
  await room.readOn()
  return {
    bus,
    credentialsEnded: () => others.tell({ m: 'credentialsEnded' }),
    leave: async () => {
      poll.stop()
      others.close()
      await bus.close()
    },
  }
}
