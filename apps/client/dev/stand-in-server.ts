import {
  asSession,
  decide,
  evolve,
  initialState,
  isRefusal,
  type AnyEvent,
  type Command,
  type DraftEvent,
  type LogId,
  type RecordedEvent,
  type StreamId,
  type StreamState,
} from '@coppice/events'
import type { FromClient, FromServer, QueryRequest } from '@coppice/protocol'

/** What the replica uses of a WebSocket. */
interface Socket {
  send(text: string): void
  close(): void
  onopen: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
}

interface StoredLog {
  readonly events: RecordedEvent[]
  readonly versions: Map<string, number>
  readonly states: Map<string, StreamState>
}

const EPOCH = 'e1'

/**
 * A server inside the page, for looking at screens and for their tests: it keeps logs in memory and decides commands
 * with the real deciders. Everything between it and the screen is what runs in earnest.
 */
export class StandInServer {
  readonly userId: string
  readonly userName: string
  readonly #logs = new Map<string, StoredLog>()
  readonly #sockets = new Set<{ tell: (message: FromServer) => void; close: () => void; subscribed: Set<string> }>()
  readonly #heard: ((event: RecordedEvent) => void)[] = []
  readonly runners: string[] = []
  readonly presence = new Map<string, { userId: string; name: string }[]>()
  away = false
  onQuery: (log: string, request: QueryRequest) => Promise<Record<string, unknown>> = () =>
    Promise.resolve({ ok: false, code: 'runner_away', message: 'No runner is there.' })

  constructor(user: { userId: string; name: string }) {
    this.userId = user.userId
    this.userName = user.name
  }

  /** Hears every event that was stored. */
  onEvent(listener: (event: RecordedEvent) => void): void {
    this.#heard.push(listener)
  }

  /** Everything stored so far. */
  allEvents(): RecordedEvent[] {
    return [...this.#logs.values()].flatMap(({ events }) => events)
  }

  /** The workspace a session is in. */
  workspaceOf(sessionId: string): string {
    const created = this.allEvents().find(
      (event) => event.type === 'session.created' && event.data['sessionId'] === sessionId,
    )
    return String(created?.data['workspaceId'] ?? '')
  }

  /** The message a runner would take next, if any. */
  nextQueued(address: { log: LogId; stream: StreamId }): string | undefined {
    const state = this.#log(address.log).states.get(address.stream)
    if (state === undefined) return undefined
    const { queue, worktree } = asSession(state)
    return worktree === 'ready' ? queue[0]?.messageId : undefined
  }

  /** Stores facts as a runner or another person would. */
  append(events: readonly DraftEvent[], at = Date.now()): void {
    const byLog = Map.groupBy(events, (event) => event.log)
    for (const [log, drafts] of byLog) this.#store(log, drafts, at)
  }

  decide(command: Command, userId = this.userId, at = Date.now()): string | undefined {
    const stored = this.#log(command.log)
    const state = stored.states.get(command.stream) ?? initialState(command.log, command.stream)
    if (state === undefined) return 'no such stream'
    const decision = decide(command, state, { actor: { kind: 'user', id: userId }, now: at })
    if (isRefusal(decision)) return decision.message
    this.#store(command.log, decision, at)
    return undefined
  }

  live(message: Extract<FromServer, { t: 'live' }>): void {
    for (const socket of this.#sockets) socket.tell(message)
  }

  /** Somebody opened or left a session. */
  tellPresence(session: string, people: { userId: string; name: string }[]): void {
    this.presence.set(session, people)
    for (const socket of this.#sockets) socket.tell({ t: 'presence', log: '', session, people })
  }

  /** Cuts all connections, as when the server goes away; `away` keeps new ones from coming. */
  drop(): void {
    for (const socket of this.#sockets) socket.close()
  }

  connect(): Socket {
    const socket: Socket = {
      send: () => undefined,
      close: () => undefined,
      onopen: null,
      onclose: null,
      onmessage: null,
      onerror: null,
    }
    const call = (name: 'onopen' | 'onclose' | 'onmessage', event: unknown) =>
      (socket[name] as ((event: unknown) => void) | null)?.(event)
    const tell = (message: FromServer) => queueMicrotask(() => call('onmessage', { data: JSON.stringify(message) }))
    const entry = { tell, subscribed: new Set<string>(), close: () => undefined as void }
    entry.close = () => {
      this.#sockets.delete(entry)
      queueMicrotask(() => call('onclose', { code: 1006, reason: '' }))
    }
    socket.send = (text) => this.#receive(JSON.parse(text) as FromClient, entry)
    socket.close = () => this.#sockets.delete(entry)
    setTimeout(() => {
      if (this.away) {
        entry.close()
        return
      }
      this.#sockets.add(entry)
      call('onopen', {})
    }, 0)
    return socket
  }

  #receive(message: FromClient, socket: { tell: (message: FromServer) => void; subscribed: Set<string> }): void {
    switch (message.t) {
      case 'hello':
        socket.tell({
          t: 'welcome',
          version: message.version,
          serverVersion: 'stand-in',
          serverTime: Date.now(),
          principal: { kind: 'user', id: this.userId, name: this.userName },
          logs: this.#access(),
          runnersOnline: this.runners,
        })
        for (const [session, people] of this.presence) socket.tell({ t: 'presence', log: '', session, people })
        return
      case 'subscribe':
        socket.subscribed.add(message.log)
        this.#sendFrom(message.log, message.position, socket)
        return
      case 'push':
        for (const command of message.commands) this.#push(command, socket)
        return
      case 'ping':
        socket.tell({ t: 'pong', n: message.n })
        return
      case 'query':
        void this.onQuery(message.log, message.request).then((answer) =>
          socket.tell({ t: 'queryResult', id: message.id, answer }),
        )
        return
      default:
        return
    }
  }

  #access() {
    return [...this.#logs].map(([log, { events }]) => ({
      log,
      epoch: EPOCH,
      head: events.length,
      role: 'owner' as const,
    }))
  }

  #push(command: Command, socket: { tell: (message: FromServer) => void }): void {
    const isNew = !this.#logs.has(command.log)
    const stored = this.#log(command.log)
    const before = stored.events.length
    const problem = this.decide(command)
    const { id: commandId, log } = command
    if (problem !== undefined) {
      socket.tell({
        t: 'receipt',
        commandId,
        log,
        result: { kind: 'refused', refusal: { code: 'wrong_state', message: problem } },
      })
      return
    }
    if (isNew) for (const one of this.#sockets) one.tell({ t: 'access', logs: this.#access() })
    socket.tell({
      t: 'receipt',
      commandId,
      log,
      result: { kind: 'accepted', from: before + 1, to: stored.events.length },
    })
  }

  #log(log: string): StoredLog {
    const known = this.#logs.get(log)
    if (known) return known
    const fresh: StoredLog = { events: [], versions: new Map(), states: new Map() }
    this.#logs.set(log, fresh)
    return fresh
  }

  #store(log: string, drafts: readonly DraftEvent[], at: number): void {
    const stored = this.#log(log)
    const from = stored.events.length
    const fresh: RecordedEvent[] = []
    for (const draft of drafts) {
      const version = (stored.versions.get(draft.stream) ?? 0) + 1
      stored.versions.set(draft.stream, version)
      const event: RecordedEvent = {
        ...draft,
        position: stored.events.length + 1,
        streamVersion: version,
        recordedAt: at,
      }
      stored.events.push(event)
      fresh.push(event)
      const state = stored.states.get(draft.stream) ?? initialState(draft.log as LogId, draft.stream as StreamId)
      if (state) stored.states.set(draft.stream, evolve(state, event as AnyEvent))
    }
    const head = stored.events.length
    for (const socket of this.#sockets) {
      if (socket.subscribed.has(log))
        socket.tell({ t: 'events', log, epoch: EPOCH, from, to: head, head, events: fresh })
    }
    for (const event of fresh) for (const listener of this.#heard) queueMicrotask(() => listener(event))
  }

  #sendFrom(log: string, position: number, socket: { tell: (message: FromServer) => void }): void {
    const { events } = this.#log(log)
    for (let from = position; from < events.length; from += 500) {
      const part = events.slice(from, from + 500)
      socket.tell({ t: 'events', log, epoch: EPOCH, from, to: from + part.length, head: events.length, events: part })
    }
  }
}
