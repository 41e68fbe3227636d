import { LIMITS as DOMAIN_LIMITS } from '@coppice/events'

/** Limits of the server, one place. Each is met with waiting, a refusal or a clear error; none with silence. */
export const LIMITS = {
  /** Largest frame a client or runner may send, bytes. Past it the connection is closed with a reason. */
  frameBytes: 8 * 1024 * 1024,
  /** Largest body of an HTTP request, bytes. */
  requestBytes: 256 * 1024,
  /** Unanswered commands of one connection; past it the server stops reading from it until some are answered. */
  commandsInFlight: 1_000,
  /**
   * How much one connection may send a second, and how many seconds of that at once: commands and observations, live
   * messages, questions for runners, tree heads it saw, requests for proof, and all else. What is past it is not done: of
   * commands and observations the connection is closed, so that they are offered again; of the rest the sender is told.
   */
  commandsEachSecond: 10_000,
  liveEachSecond: 2_000,
  queriesEachSecond: 50,
  headsEachSecond: 50,
  proofsEachSecond: 100,
  requestsEachSecond: 1_000,
  rateSeconds: 5,
  /** Messages of one connection to a Yjs room a second; past it it is cut off. */
  roomMessagesEachSecond: 1_000,
  /** Requests a second to links and sign-in from one address; past it they are answered 429. Addresses that are remembered. */
  signInsEachSecond: 20,
  signInAddresses: 10_000,
  /** Events and bytes in one commit of a log. */
  commitEvents: 1_000,
  commitBytes: 8 * 1024 * 1024,
  /** Bytes waiting in a socket at which a subscriber is no longer pushed to; it goes on from the store when it has drained. */
  socketBytes: 1024 * 1024,
  /** Bytes waiting in a socket at which it is ended: its peer asks much and takes nothing. It comes back by itself. */
  stuckSocketBytes: 32 * 1024 * 1024,
  /** Events read from the store at once for a subscriber who is behind. */
  catchUpEvents: 256,
  /** Tiles of a log's tree, 8 KiB each, kept in memory. */
  treeTilesInMemory: 64,
  /** Events read at once to bring a tree up to its log. */
  treeReadEvents: 1_000,
  /** A tree head is signed after so many events, or so many milliseconds of activity (AU-2). */
  headEvents: 1_000,
  headMs: 10 * 60_000,
  /** Streams whose headers stay in memory, for each log. */
  streamHeaders: 1_000,
  /** Headers are written behind the log after so many events, or so many milliseconds. */
  headerFlushEvents: 2_000,
  headerFlushMs: 2_000,
  /** A new replica of a log that is longer gets a snapshot. */
  snapshotFromEvents: 500,
  /** A replica without bodies that is further behind than this gets a snapshot too. */
  snapshotBehindEvents: 20_000,
  /** Headers in one part of a snapshot. */
  snapshotStreams: 100,
  /** Commits waiting for a subscriber with a shape; with more it reads on from the store. */
  waitingCommits: 64,
  /** Sessions that may wait to be joined on one subscription. */
  waitingJoins: 2_000,
  /** Logs one connection may be subscribed to. */
  subscriptions: 500,
  /** Connections of one person or runner; the oldest is closed when there is one more. */
  connectionsEach: 100,
  /** Streams of one log whose decision state stays in memory: more than twice what one batch of observations can name. */
  streamStates: 2_000,
  /** Answered commands remembered in memory; older ones are looked up. */
  rememberedReceipts: 20_000,
  /** Days for which a refusal's receipt is kept; a command that is older than that is refused. What made events is known for ever. */
  receiptDays: 180,
  /** Text of a session's live items kept for late joiners, UTF-16 units; of more the oldest text is let go. */
  liveText: 1_000_000,
  /** Sessions whose agents' activity is kept for those who come later. */
  activities: 2_000,
  /** Live items of a session kept for late joiners. */
  liveItems: 200,
  /** Questions of one connection that runners have not answered yet. */
  openQueries: 64,
  /** How long a runner may take over a question, milliseconds. */
  queryMs: 30_000,
  /** Connections to a PostgreSQL that calls share, and more for writers that wait for a log's turn. */
  databaseConnections: 10,
  databaseTurns: 8,
  /** How long connecting to it, and one call, may take, milliseconds. */
  databaseConnectMs: 5_000,
  databaseCallMs: 30_000,
  /** How long a server may hold a log's turn without a sign of life, milliseconds. */
  turnMs: 10_000,
  /** Every so often a server of several looks how far each log has come: a net under the bus, milliseconds. */
  headPollMs: 2_000,
  /** Appends are told to other servers this much later, many at once. */
  wakeUpMs: 2,
  /** A server tells the others that it is here this often, and is taken for gone after such a silence, milliseconds. */
  serverBeatMs: 5_000,
  serverSilenceMs: 16_000,
  /** How long the bus waits before it connects again, before it says that NATS does not answer, and for its last words at the end, milliseconds. */
  busRetryMs: 1_000,
  busConnectMs: 5_000,
  busLastWordsMs: 1_000,
  /** A ping goes out this often; a peer that has been silent for two of them is gone. Together under 30 s (TD-5). */
  heartbeatMs: 12_000,
  /**
   * A runner that was silent for so long may be relieved of its sessions by another one of the workspace. Runners say that they
   * are there every `leaseRenewMs`, and end their agents when they were not answered for `leaseLetGoMs`: before others begin.
   */
  leaseMs: 12_000,
  leaseRenewMs: 2_000,
  leaseLetGoMs: 8_000,
  /** How long a new connection may take to say hello. */
  helloMs: 10_000,
  /** Body of one request that writes to a byte stream, bytes. */
  streamAppendBytes: 4 * 1024 * 1024,
  /** Of a request that is too large so much more is read and let go, bytes, so that its sender hears the answer. */
  letGoBytes: 64 * 1024 * 1024,
  /** One byte stream, bytes. */
  streamBytes: 1024 * 1024 * 1024,
  /** Bytes of a stream in one answer; the append that passes it still goes whole. */
  streamReadBytes: 1024 * 1024,
  /** Live reads (long polls, event streams) that one person or runner has open. */
  streamReads: 200,
  /** How long a long poll waits for news, and how long one event stream lasts before it is asked for again, milliseconds. */
  streamPollMs: 20_000,
  streamEventsMs: 60_000,
  /** A live read looks this often for what another server stored, milliseconds. */
  streamLookMs: 5_000,
  /** How long it is remembered that a stream was deleted or has expired, milliseconds; how often is looked for such. */
  streamTombstoneMs: 30 * 24 * 3_600_000,
  streamSweepMs: 60_000,
  /** One blob, and all of a workspace, bytes. */
  blobBytes: DOMAIN_LIMITS.blobBytes,
  workspaceBlobBytes: 20 * 1024 * 1024 * 1024,
  /** A blob that no event points to is kept for so long after it was sent: its command may still wait in an outbox. */
  blobGraceMs: 30 * 24 * 3_600_000,
  blobCollectMs: 6 * 3_600_000,
  /** How long a runner may take to open a tunnel, milliseconds; tunnels that are open to one runner. */
  tunnelMs: 15_000,
  tunnelsEach: 256,
  /** One frame of a tunnel, and of a terminal's viewer, bytes. Bytes that wait for a viewer before the other end is made to wait. */
  tunnelFrameBytes: 1024 * 1024,
  terminalFrameBytes: 128 * 1024,
  terminalSocketBytes: 1024 * 1024,
  /** People and their tabs that look at one server's terminals. */
  terminalViewers: 200,
  /** Previews that are known at a time; how long a link to one works, and how long a browser may look, milliseconds; browsers. */
  previews: 200,
  previewLinkMs: 60_000,
  previewVisitMs: 24 * 3_600_000,
  previewVisits: 1_000,
  /** How long a token of Open in IDE or Upload works, milliseconds. */
  ideTokenMs: 5 * 60_000,
  /** One message in a Yjs room, bytes: past it the client is told, past the second it is cut off. One document, bytes. */
  roomMessageBytes: 1024 * 1024,
  roomFrameBytes: 8 * 1024 * 1024,
  roomBytes: 16 * 1024 * 1024,
  /** Connections in one room. Clients whose awareness it keeps, and one such state, UTF-16 units. */
  roomGuests: 200,
  roomClients: 1_000,
  awarenessState: 4_096,
  /** After how long without a word a client at another server is taken for gone, milliseconds: clients say at least every 18 s that they are there. */
  awarenessSilenceMs: 30_000,
  /** How often that is looked at, and whether the bus has lost a word of what other servers stored of a room, milliseconds. */
  roomLookMs: 5_000,
  /** Updates of a room that wait for the disk; past it the room reads no more until half of them are there. */
  roomUnstored: 1_000,
  /** Stored updates of a room at which they are made one. */
  roomRows: 500,
  /** How long a room that everybody has left stays in memory, milliseconds. */
  roomLingerMs: 30_000,
  /** Bytes waiting in a socket at which it is ended: its client comes back and asks for what it lacks. */
  roomSocketBytes: 4 * 1024 * 1024,
} as const
