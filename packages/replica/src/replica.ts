import type {
  Attachment,
  CommandData,
  ItemRow,
  KnownCommand,
  LogId,
  Refusal,
  Rows,
  StreamId,
  TableName,
} from '@coppice/events'
import type { Place } from './search/documents.ts'
import type { SnippetPart } from './search/snippet.ts'
import type { ActivityMessage, Live, QueryAnswer, QueryKind, QueryRequest } from '@coppice/protocol'

/** Tables that every page holds whole, in memory: what lists and headers are made of. */
export const HEADER_TABLES = [
  'users',
  'runners',
  'workspaces',
  'members',
  'invitations',
  'pins',
  'groups',
  'bots',
  'sessions',
] as const
export type HeaderTable = (typeof HEADER_TABLES)[number]
export const isHeader = (table: TableName): boolean => (HEADER_TABLES as readonly string[]).includes(table)

/** Tables whose rows belong to one session each, and are asked for by it. */
export const SESSION_TABLES = ['checkpoints', 'operations', 'comments', 'processes', 'hookRounds'] as const
export type SessionTable = (typeof SESSION_TABLES)[number]
export const isSessionTable = (table: TableName): table is SessionTable =>
  (SESSION_TABLES as readonly string[]).includes(table)

/** State of the connection, told truthfully in one place. */
export interface Connection {
  /**
   * `online`: everything sent and received. `behind`: connected, catching up. `offline`: no server.
   * `signed_out`: the server does not know this browser any more. `outdated`: this app is too old or too new for the server.
   */
  readonly state: 'connecting' | 'online' | 'behind' | 'offline' | 'signed_out' | 'outdated'
  /** Commands in the outbox that have no receipt yet. */
  readonly waiting: number
  /** While behind: events still to come. */
  readonly missing: number
  readonly latencyMs: number | undefined
  /** Whether this replica has ever been whole: until then an empty list says nothing. */
  readonly complete: boolean
  readonly storage: Storage
  /** A sentence for the person, where there is something to say. */
  readonly message: string
  /** What happened where the server was set back to an earlier record, in a sentence; else empty (LF-8). */
  readonly setBack: string
  /** Why the server's record cannot be trusted as it is, in a sentence; empty where nothing speaks against it (AU-2). */
  readonly distrust: string
}

/** Before anything is known. */
export const UNKNOWN_CONNECTION: Connection = {
  state: 'connecting',
  waiting: 0,
  missing: 0,
  latencyMs: undefined,
  complete: false,
  storage: 'opening',
  message: '',
  setBack: '',
  distrust: '',
}

/**
 * Where rows are kept: on disk, or only in memory (no persistent storage in this browser: works on line only).
 * `full`: in memory, because the disk could not be written any more.
 * `opening`: a new device works from memory while its database is being made, a few seconds.
 */
export type Storage = 'persistent' | 'memory' | 'full' | 'opening'

/** A conversation row without its text: what the list needs to lay itself out. */
export interface SpineItem extends Omit<ItemRow, 'text' | 'detail' | 'sessionId' | 'workspaceId'> {
  readonly textLength: number
  readonly lineCount: number
  /** Tool family, or empty. */
  readonly family: string
  /** Grows whenever the row changes. */
  readonly revision: number
  /** Made by a command that the server has not accepted yet. */
  readonly optimistic: boolean
}

/** An open conversation: spine whole, bodies on demand. */
export interface Conversation {
  /** In order; the newest state. Queued messages (`queue > 0`) are in it too. */
  spine(): readonly SpineItem[]
  /** Whether only its newest rows are in {@link Conversation.spine} yet: the rest comes as soon as they are painted. */
  partial(): boolean
  /** Whether all of it is on this device. What is not comes when the server can be reached, and `onChange` tells. */
  whole(): boolean
  /** Bodies that are in memory now; others come with {@link Conversation.load}. */
  body(itemId: string): ItemRow | undefined
  load(itemIds: readonly string[]): Promise<void>
  /** Called with the ids of items that changed, appeared or went; and with all, when the spine has arrived: its newest part, then the whole. */
  onChange(listener: (changed: readonly string[]) => void): () => void
  readonly ready: Promise<void>
  close(): void
}

/** What became of a command. */
export type Settled = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly refusal: Refusal }

/** A command given to the outbox. */
export interface SentCommand {
  readonly commandId: string
  /** Resolves once the server has answered, whenever that is; never rejects. */
  readonly settled: Promise<Settled>
}

/** A command the server refused, kept with its text until the person dismisses it. */
export interface RefusedCommand {
  readonly commandId: string
  readonly type: string
  readonly stream: string
  readonly refusal: Refusal
  /** What the person had written, if anything. */
  readonly text: string
  readonly at: number
}

export interface Presence {
  readonly userId: string
  readonly name: string
}

/** Something that was found. */
export interface SearchHit {
  readonly sessionId: string
  /** The conversation's row; empty where the session's name fits. */
  readonly itemId: string
  readonly kind: ItemRow['kind'] | 'session'
  /** When the row was made, or the session last changed; ms since 1970. */
  readonly at: number
  readonly snippet: readonly SnippetPart[]
}

/** What a search looked at, so that "nothing found" is not taken for "it never was". */
export interface SearchCoverage {
  /** Sessions this device knows of, and those of them whose conversation is here. */
  readonly sessions: number
  readonly searched: number
  /** Events that are still on their way. */
  readonly missing: number
}

/** Hits, newest first; on the first page, sessions whose name fits come before them. */
export interface SearchPage {
  readonly hits: readonly SearchHit[]
  /** Where to go on; undefined after the last hit. */
  readonly next: Place | undefined
  readonly coverage: SearchCoverage
}

/** A client's copy of the logs it may read, and its outbox. The page talks to nothing else. */
export interface Replica {
  readonly userId: string
  connection(): Connection
  onConnection(listener: (connection: Connection) => void): () => void
  /** All rows of a header table, keyed as in the table; effective rows, optimistic changes included. */
  rows<T extends HeaderTable>(table: T): ReadonlyMap<string, Rows[T]>
  /** Called once per batch with the header tables' changed keys. */
  onRows(listener: (changed: ReadonlyMap<TableName, ReadonlySet<string>>) => void): () => void
  /** Keys of rows that only exist or look so because of commands not accepted yet ("table key"). */
  isPending(table: TableName, key: string): boolean
  openConversation(sessionId: string): Conversation
  /** It will soon be opened: what its screen begins with is fetched, where this device has it. */
  prefetch(sessionId: string): void
  /** Checkpoints, git operations or comments of a session, newest last; optimistic changes included. */
  ofSession<T extends SessionTable>(table: T, sessionId: string): Promise<readonly Rows[T][]>
  /** Called when such rows changed; with an empty id where a row is gone, and nobody knows any more whose it was. */
  onOfSession(listener: (table: SessionTable, sessionId: string) => void): () => void
  /**
   * Puts a command into the durable outbox; the screen follows at once.
   * A refusal that any server would give (not valid, too large) is returned instead, and nothing is kept; so is
   * `not_stored`, where this device has no room for it.
   */
  command<T extends KnownCommand['type']>(
    address: { log: LogId; stream: StreamId },
    type: T,
    data: CommandData<T>,
  ): Promise<SentCommand | Refusal>
  /**
   * Keeps a file on this device, so that a command can name it: it goes to the server before the command does. Durable
   * when it settles. Too large, or no room: a refusal, and nothing is kept.
   */
  putBlob(file: Blob, of: { name: string; type: string }): Promise<Attachment | Refusal>
  /** A file's bytes where this device has them; it has what was attached here, for some days. */
  keptBlob(sha256: string): Promise<Blob | undefined>
  /** How much of a file has gone to the server while it goes, 0 to 1; else undefined. */
  sent(sha256: string): number | undefined
  onSent(listener: (sha256: string) => void): () => void
  refused(): readonly RefusedCommand[]
  onRefused(listener: () => void): () => void
  dismissRefused(commandId: string): Promise<void>
  /** Puts a refused command into the outbox once more, as a new wish, and takes it off the list. */
  sendAgain(commandId: string): Promise<void>
  /** Which session this page looks at; undefined for none. */
  watch(sessionId: string | undefined): void
  onLive(listener: (live: Live) => void): () => void
  /** Ask for a watched session's live state again (after a gap). */
  requestLiveState(sessionId: string): void
  presence(sessionId: string): readonly Presence[]
  onPresence(listener: (sessionId: string) => void): () => void
  /** What the session's agent is at, as last told while there is a connection. */
  activity(sessionId: string): ActivityMessage | undefined
  onActivity(listener: (sessionId: string) => void): () => void
  runnersOnline(): readonly string[]
  /** Asks a workspace's runner. Off line: `{ ok: false, code: 'offline' }`. */
  query<K extends QueryKind>(
    log: LogId,
    request: Extract<QueryRequest, { kind: K }>,
    runnerId?: string,
  ): Promise<QueryAnswer<K>>
  /**
   * Searches what is on this device: words, `"a phrase"`, `begin*`, `-without`; the last word may be half typed.
   * Undefined where a later search of this page has overtaken it.
   */
  search(request: { text: string; limit?: number; after?: Place }): Promise<SearchPage | undefined>
  /** Resolves when everything replicated so far has been painted into memory: header tables are whole. */
  readonly ready: Promise<void>
  close(): Promise<void>
}
