import { holderOf, idIn, isTerminal, newId, runnersOf, setupIsOpen } from '@coppice/events'
import type { RecordedEvent, SessionState, Setup, WorkspaceState } from '@coppice/events'
import { priceOf } from '@coppice/protocol/prices'
import { derivedId } from '../derived-id.ts'
import { composeInstructions } from '../instructions/compose.ts'
import type { Address, RunnerContext } from '../runner-context.ts'
import { noTurn } from '../session-tools/answers.ts'
import { AgentKeeper } from '../turns/agent-keeper.ts'
import { LiveFeed } from '../turns/live-feed.ts'
import { endWithoutWorktree, TurnRecovery } from '../turns/recover-turn.ts'
import { tellTurn } from '../turns/tell-turn.ts'
import type { Resumption } from '../turns/resumption.ts'
import { Turn } from '../turns/turn.ts'
import { withinBudgets } from '../usage/budget-gate.ts'
import type { WorkspaceBudget } from '../usage/budgets.ts'
import { ownPrices } from '../usage/own-prices.ts'
import { Causes } from './causes.ts'
import { ChangeOfHands } from './change-of-hands.ts'
import { Ending } from './ending.ts'
import { HookReactor } from '../hooks/hook-reactor.ts'
import { elsewhere, ProcessReactor, withSession } from '../processes/process-reactor.ts'
import type { TerminalRun } from '../processes/terminal-run.ts'
import { downloadTunnel, folderName } from '../ide/download-tunnel.ts'
import { tellIde } from '../ide/tell-ide.ts'
import type { TunnelEnd } from '../tunnels/open-tunnel.ts'
import { GitReactor } from './git-reactor.ts'
import { prepareWorktree } from './prepare-worktree.ts'
import { runSetup } from './setup-script.ts'
import { rewindSession } from './rewind-session.ts'

/**
 * Acts for one session: looks at its state in the log and does what that asks for. Each reaction runs at most once at a
 * time, and every one of them can be begun again by a later process.
 */
export class SessionReactor {
  readonly #context: RunnerContext
  readonly #address: Address
  readonly #sessionId: string
  readonly #workspace: () => WorkspaceState | undefined
  readonly #causes = new Causes()
  readonly #feed: LiveFeed
  readonly #keeper: AgentKeeper
  readonly #git: GitReactor
  readonly #processes: ProcessReactor
  readonly #hooks: HookReactor
  readonly #hands: ChangeOfHands
  readonly #ending: Ending
  readonly #running = new Set<string>()
  #state: SessionState
  #turn: Turn | undefined
  /** Turns of this process; any other one in the state belonged to a process that is gone. */
  readonly #ownTurns = new Set<string>()
  /** How those of them go on that an earlier process began. */
  readonly #resumptions = new Map<string, Resumption>()
  #retry = 0
  #delivering = false
  /** It let go, and the log is not caught up since. */
  #cutOff = false
  #closed = false

  constructor(parts: {
    context: RunnerContext
    address: Address
    sessionId: string
    state: SessionState
    workspace: () => WorkspaceState | undefined
  }) {
    const { context, address, sessionId } = parts
    this.#context = context
    this.#address = address
    this.#sessionId = sessionId
    this.#state = parts.state
    this.#workspace = parts.workspace
    this.#feed = new LiveFeed(context, address.log, sessionId)
    this.#keeper = new AgentKeeper(
      context,
      idIn(address.log),
      sessionId,
      ({ runId, ...exit }) => {
        const turn = this.#turn ? { turnId: this.#turn.turnId } : {}
        void context.observe(address, 'agent.exited', { runId, ...turn, ...exit }, this.#causes.turn, `exited:${runId}`)
      },
      (name, input, signal) => this.#turn?.call(name, input, signal) ?? Promise.resolve(noTurn),
    )
    this.#hands = new ChangeOfHands({
      context,
      address,
      sessionId,
      keeper: this.#keeper,
      causes: this.#causes,
      state: () => this.#state,
      turnDone: () => this.#turnDone,
      abortTurn: () => this.#turn?.abort(),
      once: (key, reaction) => this.#once(key, reaction),
      again: () => this.reconcile(),
    })
    this.#processes = new ProcessReactor({
      context,
      address,
      sessionId,
      feed: this.#feed,
      state: () => this.#state,
      workspace: () => this.#workspace(),
    })
    this.#hooks = new HookReactor({
      context,
      address,
      sessionId,
      causes: this.#causes,
      feed: this.#feed,
      state: () => this.#state,
      workspace: () => this.#workspace(),
      again: () => this.reconcile(),
    })
    this.#ending = new Ending({
      context,
      address,
      sessionId,
      causes: this.#causes,
      state: () => this.#state,
      quiet: () => Promise.all([this.#keeper.close(), this.#processes.endAll(withSession)]),
      once: (key, reaction) => this.#once(key, reaction),
      again: () => this.reconcile(),
    })
    this.#git = new GitReactor({
      context,
      address,
      sessionId,
      feed: this.#feed,
      state: () => this.#state,
      authorOf: (userId) => ({
        name: this.#workspace()?.members[userId]?.name ?? userId,
        email: `${userId}@users.coppice.invalid`,
      }),
    })
  }

  /** An event of the session, in the order of the log. Nothing is begun here: that is {@link reconcile}'s. */
  event(event: RecordedEvent, state: SessionState, past: boolean): void {
    this.#state = state
    this.#causes.note(event)
    if (past) return
    if (this.#turn) tellTurn(this.#turn, event)
    switch (event.type) {
      case 'message.steerRequested':
        if (this.#turn) this.#steer(this.#turn, String(event.data['messageId']))
        break
      case 'message.queued':
      case 'queue.released':
        if (state.worktree === 'failed') this.#retry += 1
        break
    }
  }

  /** A terminal of the session. @throws with words for a person where it is not open */
  terminal(runId: string): TerminalRun {
    return this.#processes.terminal(runId)
  }

  /** The worktree as a zip, for a local editor. @throws with words for a person where there is none */
  download(workspace: string): Promise<TunnelEnd> {
    const id = newId()
    return downloadTunnel(this.#context, this.#sessionId, folderName(workspace, this.#state.branch), (words) =>
      tellIde(this.#context, this.#address, id, words, this.#causes.latest),
    )
  }

  /** The log is caught up. */
  settled(): void {
    this.#cutOff = false
    this.reconcile()
  }

  /** Compares what the log wants with what is being done. */
  reconcile(): void {
    const state = this.#state
    const workspace = this.#workspace()
    if (this.#closed || this.#cutOff || !state.exists || !workspace) return
    const { runnerId } = this.#context
    if (!this.#wantsPlace()) this.#context.places.leave(this.#sessionId)
    if (holderOf(state, workspace.runnerId) !== runnerId) {
      void this.#processes.endAll(elsewhere)
      void this.#hooks.leaveOff()
      return this.#hands.yield()
    }
    if (this.#hands.waitsForFiles) return this.#hands.takeUp(workspace)
    this.#processes.reconcile((runId) => this.#causes.process(runId))
    if (runnersOf(workspace).length > 1) this.#hands.store()
    const { turn } = state
    if (turn && !this.#ownTurns.has(turn.turnId)) return this.#recover(turn)
    if (!isTerminal(state)) this.#hooks.reconcile()
    if (turn) this.#tend(turn)
    this.#turn?.budgetChanged()
    if (state.ending !== 'none') return this.#end()
    if (isTerminal(state))
      return state.worktree === 'restoring' ? this.#ending.restore() : this.#ending.retire(workspace)
    this.#ending.stay()
    if (state.worktree === 'preparing') this.#once('worktree', () => this.#prepare(workspace))
    if (state.worktree === 'failed' && this.#retry > 0)
      this.#once(`worktree:${this.#retry}`, () => this.#prepare(workspace))
    if (state.rewind && !turn) this.#rewind(state.rewind)
    if (state.worktree === 'ready' && state.setup && setupIsOpen(state.setup)) this.#setUp(state.setup, workspace)
    else if (state.worktree === 'ready') {
      this.#git.reconcile((operationId) => this.#causes.operation(operationId))
      if (!this.#hooks.holdsAgent) this.#deliver()
    }
  }

  /** This runner may have been replaced and cannot know: its agent ends now. If it was not, the turn is taken up again. */
  letGo(): void {
    // Until the log is read again nothing is known of how things stand.
    this.#cutOff = true
    void this.#processes.endAll(elsewhere)
    void this.#hooks.leaveOff()
    const turn = this.#turn
    if (!turn) return
    turn.abort()
    for (const key of [`turn:${turn.turnId}`, `recover:${turn.turnId}`]) this.#running.delete(key)
    this.#ownTurns.delete(turn.turnId)
    this.#resumptions.delete(turn.turnId)
  }

  /** The runner goes down: the turn is ended now, and told. */
  async close(): Promise<void> {
    this.#closed = true
    this.#ending.stay()
    const turn = this.#turn
    turn?.abort()
    // How it failed, if it did, is said where it was begun.
    await Promise.allSettled([this.#turnDone])
    await Promise.all([this.#keeper.close(), this.#processes.close(), this.#hooks.leaveOff()])
  }

  #turnDone: Promise<void> = Promise.resolve()

  #prepare(workspace: WorkspaceState): Promise<void> {
    // The agent starts while the log is told of the worktree and decides on the turn: both take their time.
    const made = (folder: string): void => {
      const { queue, held, provider, model, conversation, ending } = this.#state
      const instructions = this.#instructions()
      if (queue.length > 0 && held === 'none' && ending === 'none' && this.#context.places.isFree)
        this.#keeper.warmUp(this.#nextRun(), { provider, model, conversation, instructions }, folder)
    }
    const { created } = this.#causes
    const making = prepareWorktree(
      this.#context,
      this.#address,
      this.#state,
      workspace,
      this.#feed,
      created,
      this.#retry,
      made,
    )
    // Its progress was shown in the place of the words about the line.
    return making.then(() => this.#context.places.repeat(this.#sessionId))
  }

  #instructions(): string {
    return composeInstructions(this.#state, this.#context.botOf(this.#address, this.#state.botId))
  }

  #nextRun(): string {
    return (
      this.#keeper.runOf({ ...this.#state, instructions: this.#instructions() }) ??
      derivedId(this.#sessionId, 'run', this.#causes.latest.id)
    )
  }

  /** A turn that runs: begun here as soon as the log holds it; stopped when the log asks. */
  #tend(turn: NonNullable<SessionState['turn']>): void {
    if (this.#turn?.turnId !== turn.turnId) {
      if (this.#running.has(`turn:${turn.turnId}`) || this.#hooks.holdsAgent) return
      this.#once(`turn:${turn.turnId}`, () => this.#work(turn))
    }
    if (turn.stop === 'requested' || this.#state.ending !== 'none') this.#turn?.stop()
  }

  #textOf(messageIds: readonly string[]): string {
    return messageIds.map((id) => this.#causes.texts.get(id) ?? '').join('\n\n')
  }

  async #work({ turnId, runId: lastRun, messageIds, resumed }: NonNullable<SessionState['turn']>): Promise<void> {
    const worktree = await this.#context.worktrees.find(this.#sessionId)
    // The runner goes down: the next process finds the turn in the log and ends it.
    if (this.#closed) return
    if (!worktree) return endWithoutWorktree(this.#context, this.#address, turnId, messageIds, this.#causes.turn)
    const resumption = this.#resumptions.get(turnId)
    const runId = resumption ? derivedId(turnId, 'resumed', (resumed ?? 0) + 1) : lastRun
    const text = this.#textOf(messageIds)
    const files = messageIds.flatMap((id) => this.#causes.files.get(id) ?? [])
    for (const id of messageIds) this.#causes.forget(id)
    const turn = new Turn({
      context: this.#context,
      address: this.#address,
      sessionId: this.#sessionId,
      turnId,
      runId,
      resumption,
      messageIds,
      text,
      files,
      unheard: this.#state.unheard.flatMap((actionId) => this.#causes.answers.of(actionId) ?? []),
      cause: this.#causes.turn,
      worktree,
      keeper: this.#keeper,
      feed: this.#feed,
      price: priceOf(this.#state.model, await ownPrices(this.#context.dataFolder, this.#context.say)),
      workspaceBudget: () => this.#workspaceBudget(),
      workspaceRules: () => this.#workspace()?.rules ?? [],
      state: () => this.#state,
    })
    this.#turn = turn
    this.#context.places.enter(this.#sessionId)
    this.#turnDone = turn.run()
    for (const { messageId, steering } of this.#state.queue) if (steering) this.#steer(turn, messageId)
    // What came in while the worktree was looked up.
    this.reconcile()
    try {
      await this.#turnDone
    } finally {
      this.#turn = undefined
      this.#context.places.leave(this.#sessionId)
      this.reconcile()
    }
  }

  #steer(turn: Turn, messageId: string): void {
    const { texts, files } = this.#causes
    turn.steer({ messageId, text: texts.get(messageId) ?? '', hasFiles: (files.get(messageId)?.length ?? 0) > 0 })
  }

  /** Whether it works, or should. */
  #wantsPlace(): boolean {
    const { queue, held, turn, rewind, ending, worktree } = this.#state
    if (turn || this.#turn) return true
    const waits = queue.length > 0 && held === 'none' && !rewind && ending === 'none' && worktree === 'ready'
    const holder = holderOf(this.#state, this.#workspace()?.runnerId ?? '')
    return waits && !this.#closed && holder === this.#context.runnerId && !isTerminal(this.#state)
  }

  /** The first waiting message is offered to the log as a turn; the log decides, and the turn begins when it is in it. */
  #deliver(): void {
    const { queue, turn, turnCount } = this.#state
    const first = queue[0]
    if (!first || turn || !this.#wantsPlace() || this.#turn || this.#delivering) return
    if (!this.#withinBudgets()) return this.#context.places.leave(this.#sessionId)
    const words = (text: string): void => this.#feed.progress(text && 'Waiting', text)
    if (!this.#context.places.ask(this.#sessionId, words, () => this.reconcile())) return
    // The key holds the last event: after a refusal a new try is a new command, and only when something has changed.
    this.#once(`deliver:${this.#causes.latest.id}`, async () => {
      const turnId = derivedId(this.#sessionId, 'turn', turnCount, first.messageId)
      const runId = this.#nextRun()
      const id = derivedId(turnId, 'start', this.#causes.latest.id)
      this.#ownTurns.add(turnId)
      const { correlationId } = this.#causes.latest
      this.#delivering = true
      const start = { turnId, runId, messageId: first.messageId }
      const result = await this.#context.push(this.#address, 'turn.start', start, id, correlationId)
      this.#delivering = false
      if (result.kind === 'refused') {
        this.#context.places.leave(this.#sessionId)
        this.#context.say(`Session ${this.#sessionId}: the turn was not started: ${result.refusal.message}`)
      }
      // If it was refused something changed meanwhile, and is in the state by now.
      this.reconcile()
    })
  }

  #workspaceBudget(): WorkspaceBudget {
    return { budget: this.#workspace()?.budget, elsewhere: this.#context.spentElsewhere(this.#address) }
  }

  #withinBudgets(): boolean {
    const { latest } = this.#causes
    const once = (key: string, reaction: () => Promise<void>): void => this.#once(key, reaction)
    const of = { context: this.#context, address: this.#address, latest, once }
    return withinBudgets(of, this.#state, this.#workspaceBudget())
  }

  #recover(turn: NonNullable<SessionState['turn']>): void {
    this.#once(`recover:${turn.turnId}`, async () => {
      await Promise.allSettled([this.#turnDone])
      const recovery = new TurnRecovery(this.#context, this.#address, this.#state, turn, this.#causes.turn)
      if ((turn.lease ?? 0) !== (this.#state.lease?.epoch ?? 0)) return recovery.endForeign()
      const worktree = await this.#context.worktrees.find(this.#sessionId)
      const resumption = await recovery
        .begin(this.#textOf(turn.messageIds), worktree)
        .catch((error: unknown) => recovery.giveUp(error instanceof Error ? error.message : String(error)))
      if (!resumption || this.#closed) return
      this.#resumptions.set(turn.turnId, resumption)
      this.#ownTurns.add(turn.turnId)
      this.reconcile()
    })
  }

  /** A script of the repository waits for a word about it, or runs; until then nothing is delivered. */
  #setUp(setup: Setup, workspace: WorkspaceState): void {
    const trust = workspace.scripts?.find((one) => one.sha256 === setup.sha256)
    if (setup.state === 'asked' && !trust) return
    this.#once(`setup:${setup.setupId}`, () =>
      runSetup(this.#context, this.#address, setup, trust?.trusted === true, this.#causes.latest),
    )
  }

  #rewind(rewind: NonNullable<SessionState['rewind']>): void {
    // Its turn has ended in the log; what ends it here may still be at work.
    if (this.#turn) return
    this.#once(`rewind:${rewind.rewindId}`, async () => {
      await this.#keeper.close()
      await rewindSession(this.#context, this.#address, this.#state, rewind, this.#causes.rewinding)
      this.#feed.worktreeChanged()
    })
  }

  #end(): void {
    // The turn is told to stop in tend(); when it has ended this is looked at again.
    if (!this.#state.turn && !this.#turn && !this.#hooks.holdsEnd) this.#ending.end()
  }

  /** Runs a reaction unless this process has begun it before. */
  #once(key: string, reaction: () => Promise<void>): void {
    if (this.#running.has(key)) return
    this.#running.add(key)
    reaction().catch((error: unknown) => {
      this.#context.say(
        `Session ${this.#sessionId}: ${key} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      )
    })
  }
}
