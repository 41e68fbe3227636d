import type { Rows } from '@coppice/events'
import type { Connection, HeaderTable, Replica } from '@coppice/replica'
import {
  batch,
  createContext,
  createMemo,
  createSignal,
  onCleanup,
  useContext,
  type Accessor,
  type JSX,
} from 'solid-js'
import { Bundled } from './bundled.ts'

/** What screens read: the replica's header tables and its connection, as signals. */
export interface ReplicaSignals {
  readonly replica: Replica
  readonly connection: Accessor<Connection>
  table<T extends HeaderTable>(table: T): Accessor<ReadonlyMap<string, Rows[T]>>
  /** Whether a row looks as it does because of commands the server has not answered. */
  pending(table: HeaderTable, key: string): boolean
  readonly refused: Accessor<ReturnType<Replica['refused']>>
}

const Context = createContext<ReplicaSignals>()

export function ReplicaProvider(props: { replica: Replica; children: JSX.Element }): JSX.Element {
  // The replica is one for the page's whole life, so it is read once.
  const signals = makeSignals(props.replica)
  return <Context.Provider value={signals}>{props.children}</Context.Provider>
}

export function useReplica(): ReplicaSignals {
  const signals = useContext(Context)
  if (signals === undefined) throw new Error('useReplica needs a ReplicaProvider above it')
  return signals
}

/** One row of a header table; undefined while it is not there. */
export function useRow<T extends HeaderTable>(table: T, key: Accessor<string>): Accessor<Rows[T] | undefined> {
  const rows = useReplica().table(table)
  return createMemo(() => rows().get(key()))
}

function makeSignals(replica: Replica): ReplicaSignals {
  const [connection, setConnection] = createSignal(replica.connection())
  const [refused, setRefused] = createSignal(replica.refused(), { equals: false })
  const versions = new Map<HeaderTable, [Accessor<number>, () => void]>()
  const version = (table: HeaderTable) => {
    const known = versions.get(table)
    if (known) return known
    const [read, write] = createSignal(0)
    const made: [Accessor<number>, () => void] = [read, () => write((n) => n + 1)]
    versions.set(table, made)
    return made
  }
  const told = new Bundled((tables) =>
    batch(() => {
      for (const table of tables) versions.get(table as HeaderTable)?.[1]()
    }),
  )
  const stops = [
    replica.onConnection(setConnection),
    replica.onRefused(() => setRefused(replica.refused())),
    replica.onRows(told.take),
  ]
  onCleanup(() => {
    for (const stop of stops) stop()
    told.close()
  })
  return {
    replica,
    connection,
    refused,
    pending(table, key) {
      version(table)[0]()
      return replica.isPending(table, key)
    },
    table(table) {
      const [seen] = version(table)
      return () => {
        seen()
        return replica.rows(table)
      }
    },
  }
}
