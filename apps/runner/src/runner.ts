import {
  asSession,
  sessionStream,
  asWorkspace,
  idIn,
  isRefusal,
  makeCommand,
  makeObservation,
  newId,
  runnersOf,
  runnerStream,
  WORKSPACE_STREAM,
  workspaceLog,
} from '@coppice/events'
import type { DraftEvent, LogId, RecordedEvent, StreamState, WorkspaceState } from '@coppice/events'
import type { FromServer, TunnelTarget, Welcome } from '@coppice/protocol'
import { agentTimeouts } from './agents/acp-agent.ts'
import type { RunnerOptions } from './runner-options.ts'
import { endMarked, homeMarker } from './agents/process-sweep.ts'
import { ProviderReport, reportOf } from './agents/provider-report.ts'
import { Redaction } from './agents/redaction.ts'
import { AskedCommands } from './connection/asked-commands.ts'
import { cleanObservation, journalLine } from './connection/clean-observation.ts'
import { FollowedLogs } from './connection/followed-logs.ts'
import { serverFiles } from './connection/server-files.ts'
import { Outgoing } from './connection/outgoing.ts'
import { ServerLink } from './connection/server-link.ts'
import { Spool } from './connection/spool.ts'
import { Orphans } from './leases/orphans.ts'
import { Renewal } from './leases/renewal.ts'
import { underLease } from './leases/under-lease.ts'
import { StandIn } from './leases/stand-in.ts'
import { derivedId } from './derived-id.ts'
import { forwardClock } from './forward-clock.ts'
import { QueueingLocks } from './git/queueing-lock.ts'
import { Worktrees } from './git/worktree.ts'
import { WorkHere } from './machine/work-here.ts'
import { Pickers } from './pickers/pickers.ts'
import { portTunnel } from './ports/port-tunnel.ts'
import { SessionDiffs } from './diff/session-diffs.ts'
import { PortRanges } from './processes/port-ranges.ts'
import { answerAsked } from './queries/answer-asked.ts'
import { RunRecords } from './records/run-records.ts'
import type { Cause, RunnerContext } from './runner-context.ts'
import { SecretStore } from './secrets/secret-store.ts'
import { staleSettings } from './turns/stale-watch.ts'
import { ConflictWatch } from './sessions/conflict-watch.ts'
import { endThoseOf, leaveLogs, letGoOfShared } from './sessions/let-go.ts'
import { SessionReactor } from './sessions/session-reactor.ts'
import { sessionsBeside } from './sessions/sessions-beside.ts'
import { ToolServer } from './session-tools/tool-server.ts'
import { prepareRepository } from './sessions/workspace-reactor.ts'
import { openTunnel, type TunnelEnd } from './tunnels/open-tunnel.ts'

const agentIdleMs = 5 * 60_000
const lastWordsMs = 3_000
const strayGraceMs = 2_000

/**
 * A runner: follows its logs, and for each session in them has a reactor that acts. Nothing here decides anything: the
 * logs do. Built only by a live process: folding a log elsewhere has no side effect (EV-7).
 */
export class Runner {
  readonly #options: RunnerOptions
  readonly #link: ServerLink
  readonly #spool: Spool
  readonly #logs: FollowedLogs
  readonly #redaction: Redaction
  readonly #secrets: SecretStore
  readonly #records: RunRecords
  readonly #orphans: Orphans
  readonly #outgoing: Outgoing
  readonly #work: WorkHere
  readonly #renewal: Renewal
  #standIn: StandIn | undefined
  #conflicts: ConflictWatch | undefined
  #online: ReadonlySet<string> = new Set()
  readonly #tools: ToolServer
  readonly #sessions = new Map<string, SessionReactor>()
  readonly #asked = new AskedCommands((command) => void this.#link.send({ t: 'push', commands: [command] }))
  readonly #prepared = new Set<string>()
  readonly #workspaceCauses = new Map<LogId, Cause>()
  #context: RunnerContext | undefined
  #epoch = 0
  #reported: string | undefined
  #report: ProviderReport | undefined
  #ready = false
  #stopped = false
  #downBecause = ''

  private constructor(options: RunnerOptions, redaction: Redaction, secrets: SecretStore, tools: ToolServer) {
    this.#options = options
    this.#redaction = redaction
    this.#secrets = secrets
    this.#tools = tools
    this.#spool = Spool.open(options.dataFolder)
    this.#work = new WorkHere(options.dataFolder, options.env)
    this.#orphans = new Orphans(options.dataFolder)
    this.#renewal = new Renewal(
      (n) => this.#sayThere(n),
      () => letGoOfShared(this.#sessions, (log) => this.#workspace(log)),
      () => performance.now(),
    )
    const say = (line: string): void => options.say(this.#redaction.text(line))
    this.#outgoing = new Outgoing({
      spool: this.#spool,
      orphans: this.#orphans,
      send: (message) => void this.#link.send(message),
      say,
    })
    this.#records = new RunRecords(options.dataFolder, options.server, say, options.journal)
    this.#logs = new FollowedLogs({
      event: (event, state, past) => this.#event(event, state, past),
      settled: (log) => this.#settled(log),
    })
    this.#link = new ServerLink(options.server, options.token, newId(), {
      welcome: (welcome, greetedAt) => this.#welcome(welcome, greetedAt),
      message: (message) => this.#message(message),
      down: (why) => this.#down(why),
      refused: (why) => void this.#refused(why),
    })
  }

  /** Ends what an earlier process of this data folder left running, then connects and works until it is stopped. */
  static async start(options: RunnerOptions): Promise<Runner> {
    await endMarked(homeMarker, options.dataFolder, strayGraceMs)
    const redaction = Redaction.of(options.env, [options.token.read()])
    const secrets = await SecretStore.open(options.dataFolder, (values) => redaction.learn(values))
    const runner = new Runner(options, redaction, secrets, await ToolServer.start())
    runner.#link.start()
    return runner
  }

  /** Ends agents and their children, tells what became of their turns if the server is there, and goes. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    // One that cannot be closed must not keep the others' agents alive.
    const closed = await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()))
    for (const one of closed) if (one.status === 'rejected') this.#options.say(this.#redaction.text(String(one.reason)))
    const deadline = performance.now() + lastWordsMs
    while ((this.#spool.size > 0 || this.#records.waiting > 0) && this.#epoch > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20))
    this.#renewal.stop()
    this.#work.stop()
    this.#link.stop()
    this.#tools.close()
    this.#records.offline()
    this.#spool.close()
    await endMarked(homeMarker, this.#options.dataFolder, strayGraceMs)
  }

  async #refused(why: string): Promise<void> {
    this.#epoch = 0
    await this.stop().then(() => this.#options.refused(why))
  }

  #down(why: string): void {
    this.#epoch = 0
    this.#records.offline()
    this.#outgoing.connected(undefined)
    // Every attempt ends here; the operator wants to know once.
    if (this.#stopped || why === this.#downBecause) return
    this.#downBecause = why
    this.#options.say(`Not connected: ${this.#redaction.text(why)} Agents go on; what they do is kept and sent later.`)
  }

  #welcome(welcome: Welcome, greetedAt: number): void {
    const { principal } = welcome
    this.#downBecause = ''
    this.#epoch = welcome.producerEpoch ?? 0
    this.#online = new Set(welcome.runnersOnline)
    this.#renewal.greeted(greetedAt, welcome.lease)
    this.#outgoing.connected({ id: principal.id, epoch: this.#epoch })
    if (!this.#context) {
      this.#context = this.#makeContext(principal.id)
      this.#standIn = new StandIn(this.#context)
      this.#conflicts = new ConflictWatch(this.#context)
      this.#options.say(`Connected to ${this.#options.server} as runner ${principal.name}.`)
      const { gitVersion } = this.#options
      this.#report = new ProviderReport(
        this.#context,
        gitVersion,
        () => this.#reported,
        () => this.#stopped,
      )
      void this.#report.look()
    } else this.#options.say(`Connected again; ${this.#spool.size} event(s) to send.`)
    this.#records.online({ token: this.#options.token, runnerId: principal.id, epoch: this.#epoch })
    this.#subscribe(welcome.logs)
    this.#asked.again()
    this.#drain()
  }

  #subscribe(logs: Welcome['logs']): void {
    for (const { log, epoch, position } of this.#logs.subscriptions(logs))
      this.#link.send({ t: 'subscribe', log, epoch, position })
    for (const log of this.#logs.logs) if (this.#logs.caughtUp(log)) this.#settled(log)
  }

  #message(message: FromServer): void {
    switch (message.t) {
      case 'access': {
        // Logs followed already stay subscribed; only new ones are asked for.
        const known = new Set(this.#logs.logs)
        const subscriptions = this.#logs.subscriptions(message.logs)
        for (const one of subscriptions) if (!known.has(one.log)) this.#link.send({ t: 'subscribe', ...one })
        leaveLogs(this.#sessions, this.#logs, (line) => this.#options.say(this.#redaction.text(line)))
        this.#drain()
        break
      }
      case 'events':
        if (!this.#logs.apply(message)) this.#link.send({ t: 'subscribe', log: message.log, epoch: '', position: 0 })
        break
      case 'reset':
        void this.#beginAnew(message.log as LogId, message.head)
        break
      case 'receipt':
        this.#asked.answered(message)
        break
      case 'observed':
        this.#observed(message)
        break
      case 'pong':
        this.#renewal.answered(message.n)
        break
      case 'runners':
        this.#online = new Set(message.online)
        break
      case 'query':
        void this.#answer(message)
        break
      case 'tunnel':
        openTunnel(this.#options.server, this.#options.token, message, (target) =>
          this.#tunnelEnd(message.log as LogId, target),
        ).catch((error: unknown) => this.#options.say(`A tunnel was not opened: ${String(error)}`))
        break
      default:
        break
    }
  }

  async #beginAnew(log: LogId, head: number): Promise<void> {
    await endThoseOf(log, this.#sessions, (line) => this.#options.say(this.#redaction.text(line)))
    this.#logs.reset(log, head)
    this.#link.send({ t: 'subscribe', log, epoch: '', position: 0 })
  }

  #event(event: RecordedEvent, state: StreamState, past: boolean): void {
    if (event.stream === WORKSPACE_STREAM && event.type === 'workspace.created')
      this.#workspaceCauses.set(event.log, { id: event.id, correlationId: event.correlationId })
    if (event.type === 'runner.reported' && event.stream === runnerStream(this.#context?.runnerId ?? ''))
      this.#reported = reportOf(event.data)
    if (!event.stream.startsWith('session/') || !this.#context) return
    const key = `${event.log} ${event.stream}`
    let reactor = this.#sessions.get(key)
    if (!reactor) {
      const address = { log: event.log, stream: event.stream }
      reactor = new SessionReactor({
        context: this.#context,
        address,
        sessionId: idIn(event.stream),
        state: asSession(state),
        workspace: () => this.#workspace(event.log),
      })
      this.#sessions.set(key, reactor)
    }
    reactor.event(event, asSession(state), past)
    if (past) return
    const own = this.#workspace(event.log)?.runnerId ?? ''
    this.#conflicts?.event(event, own, () => this.#logs.streams(event.log))
  }

  /** The log is caught up: what it wants is compared with what is being done. */
  #settled(log: LogId): void {
    const context = this.#context
    if (!context || this.#stopped) return
    const workspace = this.#workspace(log)
    if (workspace && runnersOf(workspace).includes(context.runnerId) && this.#outgoing.isComplete(log)) {
      const own = workspace.runnerId === context.runnerId
      if (own && workspace.repository === 'preparing' && !this.#prepared.has(log)) {
        this.#prepared.add(log)
        const cause = this.#workspaceCauses.get(log) ?? { id: log, correlationId: log }
        void prepareRepository(context, { log, stream: WORKSPACE_STREAM }, workspace, cause)
      }
      for (const [key, reactor] of this.#sessions) if (key.startsWith(`${log} `)) reactor.settled()
      this.#orphans.submit(context, (stream) => this.#spool.events.some((event) => event.stream === stream))
    }
    if (!this.#ready && [...this.#logs.logs].every((one) => this.#logs.caughtUp(one))) {
      this.#ready = true
      this.#options.ready?.()
    }
  }

  /** What this runner has is renewed, and what others have left is asked for. */
  #sayThere(n: number): void {
    if (this.#epoch === 0 || this.#stopped) return
    this.#link.send({ t: 'ping', n })
    this.#link.send({ t: 'figures', figures: { ...this.#work.figures, providers: this.#report?.available ?? [] } })
    this.#standIn?.ask(this.#logs, this.#online)
  }

  #workspace(log: LogId): WorkspaceState | undefined {
    const state = this.#logs.state(log, WORKSPACE_STREAM)
    return state && asWorkspace(state)
  }

  #drain(): void {
    if (this.#epoch > 0) this.#outgoing.drain(this.#logs.logs)
  }

  #observed(message: Extract<FromServer, { t: 'observed' }>): void {
    const answered = this.#outgoing.answered(message)
    if (!answered) return
    // Its epoch is old, perhaps only by a late greeting of our own: who speaks for this runner is settled by greeting again.
    if (answered === 'fenced') return this.#link.greetAgain()
    this.#drain()
    if (answered.look && this.#logs.caughtUp(answered.log)) this.#settled(answered.log)
  }

  async #answer(query: Extract<FromServer, { t: 'query' }>): Promise<void> {
    if (!this.#context) return
    // A key that all sessions get may be what a provider was waiting for.
    const answer = await answerAsked(this.#context, this.#logs, query, () => void this.#report?.look())
    this.#link.send({ t: 'queryResult', id: query.id, answer: this.#redaction.data({ ...answer }) })
  }

  /** What a tunnel leads to. @throws with words for a person where it is not here */
  #tunnelEnd(log: LogId, target: TunnelTarget): TunnelEnd | Promise<TunnelEnd> {
    const session = this.#sessions.get(`${log} ${sessionStream(target.sessionId)}`)
    if (!session) throw new Error('There is no such session on this runner.')
    if (target.kind === 'port') return portTunnel(target.sessionId, target.port)
    if (target.kind === 'worktree') return session.download(this.#workspace(log)?.name ?? 'session')
    const terminal = session.terminal(target.runId)
    return (tunnel) => terminal.attach(tunnel, target.write)
  }

  #makeContext(runnerId: string): RunnerContext {
    const { dataFolder, env } = this.#options
    const actor = { kind: 'runner' as const, id: runnerId }
    return {
      runnerId,
      dataFolder,
      env,
      locks: new QueueingLocks(),
      worktrees: new Worktrees(dataFolder),
      redaction: this.#redaction,
      secrets: this.#secrets,
      ...serverFiles(this.#options.server, this.#options.token),
      ports: new PortRanges(dataFolder),
      pickers: new Pickers(() => performance.now()),
      diffs: new SessionDiffs(this.#redaction),
      tools: this.#tools,
      records: this.#records,
      timeouts: agentTimeouts,
      stale: staleSettings(env),
      places: this.#work.places,
      activity: (message) => void this.#link.send({ t: 'activity', ...message }),
      agentIdleMs,
      sandboxOf: (workspaceId) => this.#workspace(workspaceLog(workspaceId))?.sandbox,
      ...sessionsBeside((log) => this.#logs.streams(log)),
      now: forwardClock(),
      say: (line) => this.#options.say(this.#redaction.text(line)),
      observe: (address, type, data, cause, step, by) => {
        const stamp = {
          id: derivedId(cause.id, type, step),
          now: Date.now(),
          actor: by ?? actor,
          causationId: cause.id,
          correlationId: cause.correlationId,
        }
        return this.#observe(makeObservation<typeof type>(address, type, data, stamp))
      },
      push: (address, type, data, id, correlationId) => {
        const command = makeCommand(address, type, data, { id, now: Date.now(), correlationId })
        this.#options.journal('info', { what: 'asked', correlationId, commandId: id, type, ...address })
        return this.#asked.ask(command, this.#epoch > 0)
      },
      // Texts were cleaned as they came, so that their offsets fit.
      live: (log, session, items) => {
        const clean = items.map((item) => (item.kind === 'text' ? item : this.#redaction.data(item)))
        this.#link.send({ t: 'live', log, session, items: clean })
      },
    }
  }

  #observe(seen: DraftEvent): Promise<boolean> {
    const event = cleanObservation(this.#redaction, seen)
    if (isRefusal(event)) {
      this.#options.say(`An event could not be told: ${seen.type}: ${event.message}`)
      return Promise.resolve(false)
    }
    this.#options.journal('info', journalLine(event))
    const stored = this.#spool.add(
      underLease(event, this.#logs.state(event.log, event.stream), this.#context?.runnerId ?? ''),
    )
    this.#drain()
    return stored
  }
}
