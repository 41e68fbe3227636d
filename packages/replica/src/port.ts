import type { ItemRow, RowChange, Rows } from '@coppice/events'
import type { ActivityMessage, Live, Presence as PresenceMessage, QueryRequest } from '@coppice/protocol'
import type { Connection, RefusedCommand, SearchPage, SessionTable, Settled, SpineItem } from './replica.ts'
import type { Place } from './search/documents.ts'

/** What a page asks of the core, by name. All of it can be asked again after the core moved to another tab. */
export interface Calls {
  /** Everything a page needs to begin; also subscribes it to notices. */
  attach(args: { page: string }): Snapshot
  detach(args: { page: string }): null
  /** The network went or came, as this page's browser tells it; or the page was shown again. */
  network(args: { online: boolean }): null
  /** The outbox has something new. */
  outboxChanged(args: { commandId: string }): null
  /**
   * `whole`: everything of it is here; else it comes, and `filled` is told, when the server can be reached. `newest`: only
   * the newest rows, with bodies; `more` says whether there are older ones. A core of an older version gives all at once.
   * `ahead`: nobody looks at it yet, so what is not on this device stays where it is.
   */
  openConversation(args: { page: string; sessionId: string; newest?: boolean; ahead?: boolean }): OpenedConversation
  closeConversation(args: { page: string; sessionId: string }): null
  bodies(args: { itemIds: readonly string[] }): readonly ItemRow[]
  ofSession(args: { table: SessionTable; sessionId: string }): readonly Rows[SessionTable][]
  watch(args: { page: string; sessionId: string | undefined }): null
  liveState(args: { sessionId: string }): null
  dismissRefused(args: { commandId: string }): null
  /** The new command's id comes from the page, so that the call can be repeated. */
  sendAgain(args: { commandId: string; newId: string }): null
  /** `n` grows with each search of a page; the newest counts. */
  search(args: {
    page: string
    n: number
    text: string
    limit: number
    after: Place | undefined
  }): SearchPage | undefined
  query(args: { log: string; request: QueryRequest; runnerId: string | undefined }): Record<string, unknown>
}
export type CallName = keyof Calls
export type CallArgs<K extends CallName> = Parameters<Calls[K]>[0]
export type CallResult<K extends CallName> = ReturnType<Calls[K]>

export interface OpenedConversation {
  readonly spine: readonly SpineItem[]
  readonly whole: boolean
  readonly bodies?: readonly ItemRow[]
  readonly more?: boolean
}

export interface Snapshot {
  readonly headers: readonly RowChange[]
  readonly pending: readonly string[]
  readonly connection: Connection
  readonly refused: readonly RefusedCommand[]
  readonly runnersOnline: readonly string[]
  readonly presence: readonly PresenceMessage[]
  readonly activities: readonly ActivityMessage[]
}

/** What the core tells all pages. */
export type Notice =
  | { readonly n: 'rows'; readonly changes: readonly RowChange[]; readonly pending: readonly string[] }
  | {
      readonly n: 'items'
      readonly sessionId: string
      readonly spine: readonly SpineItem[]
      readonly bodies: readonly ItemRow[]
    }
  | { readonly n: 'gone'; readonly itemIds: readonly string[] }
  /** The whole of a session is here now: read it again. */
  | { readonly n: 'filled'; readonly sessionId: string }
  | { readonly n: 'ofSession'; readonly table: SessionTable; readonly sessionId: string }
  | { readonly n: 'connection'; readonly connection: Connection }
  | { readonly n: 'settled'; readonly commandId: string; readonly settled: Settled }
  | { readonly n: 'refused'; readonly refused: readonly RefusedCommand[] }
  | { readonly n: 'live'; readonly live: Live }
  | { readonly n: 'presence'; readonly presence: PresenceMessage }
  | { readonly n: 'activity'; readonly activity: ActivityMessage }
  | { readonly n: 'runners'; readonly online: readonly string[] }
  /** How much of a file has gone to the server, 0 to 1; undefined when it goes no more. */
  | { readonly n: 'sent'; readonly sha256: string; readonly sent: number | undefined }

/** How a page reaches the core: directly, or through workers. */
export interface Port {
  call<K extends CallName>(name: K, args: CallArgs<K>): Promise<CallResult<K>>
  onNotice(listener: (notice: Notice) => void): () => void
  /** The core moved (or started): what was attached and opened must be asked for again. */
  onMoved(listener: () => void): () => void
  close(): void
}
