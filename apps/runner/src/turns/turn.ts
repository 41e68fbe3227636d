import type { ActionAnswer, Actor, BotState, TurnOutcome, KnownObservation, ObservationData } from '@coppice/events'
import type { AcpAgent } from '../agents/acp-agent.ts'
import { AgentFailure } from '../agents/failure.ts'
import type { Happening, PermissionAnswer, PermissionRequest, TurnEnd } from '../agents/happenings.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { derivedId } from '../derived-id.ts'
import { composeInstructions } from '../instructions/compose.ts'
import { TurnUsage } from '../usage/turn-usage.ts'
import { serverName } from '../session-tools/server-entry.ts'
import { Digest } from './digest.ts'
import { turnDigest } from './summary-message.ts'
import { inMode } from './agent-mode.ts'
import { Approvals } from './approvals.ts'
import { filesOf } from './files-of.ts'
import { couldNotGoOn, endingOf, restarted, staleEnd, type Ending } from './ending.ts'
import { endedReport } from './ended-report.ts'
import { hear } from './hear.ts'
import { mayResume } from './may-resume.ts'
import { openingWords } from './opening-words.ts'
import { planUpdate } from './plan-update.ts'
import { runRecord } from './run-record.ts'
import { saidTooMuch } from './spoken-text.ts'
import type { StaleWatch } from './stale-watch.ts'
import { Steering, type Hint } from './steering.ts'
import { throughLimits, waitingWords } from './through-limits.ts'
import { systemMessage } from './system-message.ts'
import { Telling } from './telling.ts'
import type { ToolOutcome } from './tool-reports.ts'
import { transcriptFile } from './transcript.ts'
import { turnCheckpoint } from './turn-checkpoint.ts'
import { TurnActions } from './turn-actions.ts'
import { putBack } from './put-back.ts'
import type { TurnParts } from './turn-parts.ts'
import { watchTurn } from './turn-watch.ts'
import { whatFailed } from './what-failed.ts'
import { beginWorking, type Working } from './working.ts'

/** One stretch of agent work: from a delivered message to idle. What happens is told to the log as it happens. */
export class Turn {
  readonly turnId: string
  /** What the ids of what happens here are derived from: a later process of the same turn has another one. */
  readonly #seed: string
  readonly #parts: TurnParts
  readonly #approvals: Approvals
  readonly #actions: TurnActions
  readonly #digest = new Digest()
  readonly #startedAt: number
  #agent: AcpAgent | undefined
  /** A stop ends also what is only being fetched. */
  readonly #ending = new AbortController()
  #stopping = false
  #aborting = false
  /** The agent was given its prompt. */
  #asked = false
  #stale: StaleWatch | undefined
  #staleFor = 0
  #limitedUntil = 0
  #killing: NodeJS.Timeout | undefined
  #working: Working | undefined
  readonly #usage: TurnUsage
  #plans = 0
  readonly #telling = new Telling((error) => this.#wentWrong(error))
  readonly #steering = new Steering({
    taken: ({ messageId }) =>
      this.#observe('message.steered', { messageId, turnId: this.turnId }, `steered:${messageId}`),
    waits: ({ messageId }, message) =>
      this.#observe('message.notSteered', { messageId, turnId: this.turnId, message }, `notSteered:${messageId}`),
  })

  constructor(parts: TurnParts) {
    this.#parts = parts
    this.turnId = parts.turnId
    this.#seed = parts.resumption ? derivedId(parts.turnId, parts.runId) : parts.turnId
    this.#startedAt = parts.context.now()
    this.#usage = new TurnUsage(parts, this.#seed, this.#observe, this.#observeNow)
    this.#actions = new TurnActions({ ...parts, seed: this.#seed, observe: this.#observe })
    this.#approvals = new Approvals({
      turnId: parts.turnId,
      seed: this.#seed,
      worktree: parts.worktree.path,
      server: serverName(parts.sessionId),
      redaction: parts.context.redaction,
      state: parts.state,
      allowed: () => ({
        ...parts.state(),
        workspaceRules: parts.workspaceRules(),
        readOnly: this.#bot?.readOnly === true,
      }),
      observe: this.#observe,
    })
  }

  get #bot(): BotState | undefined {
    const { context, address, state } = this.#parts
    return context.botOf(address, state().botId)
  }

  /** Runs the turn to its end; every end is told. */
  async run(): Promise<void> {
    const { context, sessionId, worktree } = this.#parts
    const release = await context.locks.take(`session/${sessionId}`, 'a working agent')
    try {
      const ending = await this.#work().catch((error: unknown) => this.#failed(error))
      this.#noteAnswer(ending)
      await this.#finish(ending)
      const { outcome, message } = ending
      context.say(`Session ${sessionId}: turn ${outcome}${message ? ` (${message})` : ''} in ${worktree.path}`)
    } finally {
      release()
    }
  }

  /** From here on only the telling is left: a later process does that. */
  #noteAnswer(ending: Ending): void {
    const { outcome } = ending
    if (!this.#asked || outcome === 'aborted_by_restart') return
    const usage = this.#usage.meter.left(this.#chars)
    const { message } = endedReport(this.#parts, ending)
    const line = { outcome, ...(message && { message }), ...(usage ? { usage } : {}) }
    this.#working?.transcript.write({ kind: 'answered', ...line })
  }

  /** A person wants it to stop: asked of the agent first; an agent that does not listen is ended. */
  stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#ending.abort()
    this.#working?.tools.stopping()
    this.#usage.guard.close()
    this.#approvals.close('stopped')
    this.#actions.close()
    this.#interrupt()
  }

  /** The runner itself is going down: the turn ends now, and the log says why. */
  abort(): void {
    this.#aborting = true
    this.#ending.abort()
    this.#usage.guard.close()
    this.#approvals.close('restart')
    this.#actions.close()
    this.#parts.keeper.giveUp()
    this.#endAgent()
  }

  /** A person says something while the agent works. */
  steer(hint: Hint): void {
    this.#steering.say(hint)
  }

  /** The agent calls one of the session's own tools. */
  call(...[name, input, signal]: Parameters<TurnActions['call']>): ReturnType<TurnActions['call']> {
    this.#working?.spoken.end('whole')
    return this.#actions.call(name, input, signal)
  }

  /** A person answered what the agent put before them. */
  actionAnswered(actionId: string, answer: ActionAnswer): void {
    this.#actions.answered(actionId, answer)
  }

  answered(approvalId: string, decision: Parameters<Approvals['answered']>[1], reason: string | undefined): void {
    this.#approvals.answered(approvalId, decision, reason)
  }

  withdrawn(approvalId: string): void {
    this.#approvals.withdrawn(approvalId)
  }

  budgetChanged(): void {
    this.#usage.guard.changed()
  }

  modeChanged(): void {
    this.#approvals.modeChanged()
  }

  #interrupt(): void {
    const agent = this.#agent
    if (!agent) return this.#parts.keeper.giveUp()
    void agent.cancel()
    this.#killing ??= setTimeout(() => this.#endAgent(), this.#parts.context.timeouts.cancel)
  }

  #endAgent(): void {
    this.#parts.keeper.close().catch((error: unknown) => this.#wentWrong(error))
  }

  async #work(): Promise<Ending> {
    const { keeper, worktree, feed, runId, resumption } = this.#parts
    // It waited for its place, and the runner went down meanwhile.
    if (this.#aborting) return { outcome: 'aborted_by_restart', message: restarted, tools: 'aborted' }
    const { provider, model, conversation } = this.#parts.state()
    const instructions = composeInstructions(this.#parts.state(), this.#bot)
    feed.progress('agent', `Starting ${provider}`)
    const checkpoint = this.#checkpoint(resumption?.asked ? 'resumed' : 'turn_start')
    const told = {
      seed: this.#seed,
      telling: this.#telling,
      observe: this.#observeNow,
      began: (itemId: string): void => this.#usage.meter.at(itemId),
      tooMuch: () => this.#say(saidTooMuch, 'tooMuch'),
      actions: this.#actions,
    }
    const working = beginWorking(
      this.#parts,
      told,
      checkpoint.then(({ tree }) => tree),
    )
    this.#working = working
    // The tree must be kept before the agent can change it, but both take a while: side by side.
    const [{ agent, remembers, instructed }, files] = await Promise.all([
      keeper.open(runId, { provider, model, conversation, instructions }, worktree.path, resumption?.asked),
      resumption?.asked ? [] : filesOf(this.#parts, this.#ending.signal),
      checkpoint,
    ])
    feed.progress('', '')
    this.#agent = agent
    if (this.#stopping) return { outcome: 'stopped', message: 'Stopped before the agent began.', tools: 'canceled' }
    if (resumption && !(await mayResume(this.#parts, resumption, this.#seed, this.#ending.signal)))
      return { outcome: 'aborted_by_restart', message: restarted, tools: 'aborted' }
    const words = await openingWords(
      this.#parts,
      { remembers, instructed },
      {
        observe: this.#observe,
        say: (text, step) => this.#say(text, step),
        wentWrong: (error) => this.#wentWrong(error),
      },
    )
    const prompt = await inMode(agent, { ...this.#parts.state(), readOnly: this.#bot?.readOnly === true }, words)
    working.transcript.write({ kind: 'asked' })
    this.#asked = true
    this.#stale = watchTurn(this.#parts, agent, this.#standstill)
    const prompting = throughLimits(
      (text) => this.#prompt(agent, text, text === prompt ? files : []),
      prompt,
      this.#ending.signal,
      (failure, until) => {
        this.#limitedUntil = until
        this.#say(waitingWords(failure, until), `limited:${until}`)
        feed.progress('agent', 'Waiting for the end of a limit')
      },
    )
    this.#steering.begin(agent)
    let end = await prompting
    // The protocol has no place for a reason, so it follows as a prompt of its own, within the turn.
    while (this.#hasReasonsFor(end, provider)) {
      end = await this.#prompt(agent, this.#approvals.reasons.splice(0).join('\n'))
    }
    return this.#ended(end)
  }

  #prompt(agent: AcpAgent, text: string, files: Parameters<AcpAgent['prompt']>[2] = []): Promise<TurnEnd> {
    return this.#usage.of(agent.prompt(text, this.#listener, files))
  }

  readonly #standstill = {
    waits: (): boolean => this.#approvals.waiting || Date.now() < this.#limitedUntil,
    warn: (data: ObservationData<'agent.stale'>): void => this.#observe('agent.stale', data, `stale:${data.runId}`),
    kill: (silentMs: number): void => {
      this.#staleFor = silentMs
      this.#endAgent()
    },
  }

  /** A script takes no hints; anything else reads why a step was rejected. */
  #hasReasonsFor(end: TurnEnd, provider: string): boolean {
    return this.#approvals.reasons.length > 0 && end.reason === 'completed' && !this.#stopping && provider !== 'script'
  }

  #ended(end: TurnEnd): Ending {
    if (this.#staleFor > 0) return staleEnd(this.#staleFor)
    if (end.reason === 'stopped' && !this.#aborting)
      this.#observe('turn.stopAcknowledged', { turnId: this.turnId }, 'stopAcknowledged')
    return endingOf(end.reason, { aborting: this.#aborting, stopping: this.#stopping })
  }

  #failed(error: unknown): Ending {
    if (this.#aborting) return { outcome: 'aborted_by_restart', message: restarted, tools: 'aborted' }
    if (this.#stopping)
      return { outcome: 'stopped', message: 'The agent did not answer the stop, so it was ended.', tools: 'canceled' }
    if (!(error instanceof AgentFailure)) this.#wentWrong(error)
    if (this.#staleFor > 0) return staleEnd(this.#staleFor)
    // Nothing has happened here yet: what ended the turn is the restart.
    if (this.#parts.resumption && !this.#asked) return couldNotGoOn(whatFailed(error))
    return { outcome: 'failed', tools: 'aborted', ...whatFailed(error) }
  }

  async #finish(ending: Ending): Promise<void> {
    const { context, runId, turnId } = this.#parts
    clearTimeout(this.#killing)
    this.#stale?.stop()
    const { outcome } = ending
    // Whatever goes wrong here (a full disk), the log must learn that the turn is over.
    await this.#settle(outcome, ending.tools).catch((error: unknown) => this.#wentWrong(error))
    await this.#steering.ended()
    await this.#telling.told()
    if (!this.#leaveOpen(ending)) this.#working?.transcript.write({ kind: 'ended' })
    this.#working?.transcript.close()
    const activity = this.#working?.activity.end()
    context.records.over(transcriptFile(context.dataFolder, runId, turnId))
    if (this.#leaveOpen(ending)) return
    const digest = turnDigest(this.#digest, this.#seed, turnId)
    if (digest) this.#observe('message.added', digest, 'digest')
    const usage = this.#agent && this.#usage.meter.end(this.#chars)
    const durationMs = context.now() - this.#startedAt
    const more = {
      ...(usage && { usage, usageMeasured: true }),
      ...(activity && { activity }),
      ...(this.#staleFor > 0 && { stale: true as const }),
      ...(this.#working && runRecord(context.dataFolder, runId, turnId)),
    }
    this.#observe('turn.ended', { ...endedReport(this.#parts, ending), durationMs, ...more }, 'ended')
    await this.#telling.told()
  }

  /** The next process goes on with it, where its agent can, or was not asked yet. */
  #leaveOpen({ outcome }: Ending): boolean {
    if (outcome !== 'aborted_by_restart' || !this.#aborting || this.#stopping) return false
    const agentCan = this.#agent?.canResume === true && this.#parts.state().provider !== 'script'
    return agentCan || (!this.#asked && !this.#parts.resumption?.asked)
  }

  /** Closes what is open: messages, approvals, tools, the agent where it may not go on; and keeps the files. */
  async #settle(outcome: TurnOutcome, tools: ToolOutcome): Promise<void> {
    const { keeper, feed } = this.#parts
    const working = this.#working
    working?.spoken.end(outcome === 'completed' || outcome === 'limit' || outcome === 'refused' ? 'whole' : 'cut_off')
    this.#approvals.close(
      outcome === 'stopped' ? 'stopped' : outcome === 'aborted_by_restart' ? 'restart' : 'agent_exited',
    )
    this.#actions.close()
    working?.tools.close(tools)
    await this.#telling.told()
    feed.progress('', '')
    // After a stop or a failure nothing of it may go on: not the agent, not a child that it forgot.
    if (outcome === 'completed' || outcome === 'limit' || outcome === 'refused') await keeper.rest()
    else await keeper.close()
    if (outcome !== 'aborted_by_restart')
      await this.#checkpoint('turn_end')
        .then((kept) =>
          putBack(this.#parts, this.#bot, kept, { observe: this.#observe, say: (...it) => this.#say(...it) }),
        )
        .catch((error: unknown) => this.#checkpointFailed(error))
    feed.worktreeChanged()
  }

  /** For an estimate, where the agent tells nothing. */
  get #chars(): { asked: number; answered: number } {
    return { asked: this.#parts.text.length, answered: this.#working?.spoken.length ?? 0 }
  }

  #checkpoint(of: 'turn_start' | 'resumed' | 'turn_end'): Promise<Checkpoint> {
    return turnCheckpoint(this.#parts.worktree, { turnId: this.turnId, seed: this.#seed }, of, this.#observe)
  }

  #checkpointFailed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#say(`The files could not be kept in a checkpoint: ${reason}`, 'checkpointFailed')
  }

  #wentWrong(error: unknown): void {
    this.#parts.context.say(
      `Turn ${this.turnId}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }

  readonly #listener = {
    happened: (happening: Happening): void => this.#happened(happening),
    permission: (request: PermissionRequest): Promise<PermissionAnswer> => this.#permission(request),
    mayCallModel: (): Promise<boolean> => this.#usage.guard.pass(),
  }

  #happened(happening: Happening): void {
    const working = this.#working
    if (!working) return
    this.#stale?.changed()
    working.activity.happened(happening)
    hear(happening, working, {
      plan: (entries) => {
        this.#plans += 1
        const update = planUpdate(this.turnId, this.#seed, entries, this.#parts.context.redaction)
        this.#observe('plan.updated', update, `plan:${this.#plans}`)
      },
      usage: (usage) => {
        this.#usage.meter.reported(usage)
        this.#usage.guard.look()
      },
    })
  }

  async #permission({ call }: PermissionRequest): Promise<PermissionAnswer> {
    const working = this.#working
    if (!working) return 'cancelled'
    working.spoken.end('whole')
    const toolId = working.tools.start(call)
    // What the step before changed must be read before this one can change more.
    await working.changes.known()
    const answer = await this.#approvals.ask(call, toolId)
    if (answer === 'reject') working.tools.rejected(call.callId)
    // After the step the model is called again: most agents can be held only here.
    return answer === 'allow' && !(await this.#usage.guard.pass()) ? 'cancelled' : answer
  }

  #say(text: string, step: string): void {
    this.#observe('message.added', systemMessage(this.turnId, this.#seed, text, step), `system:${step}`)
  }

  readonly #observe = <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string): void => {
    this.#telling.tell(() => this.#observeNow(type, data, step))
  }

  readonly #observeNow = <T extends KnownObservation['type']>(
    type: T,
    data: ObservationData<T>,
    step: string,
    actor?: Actor,
  ): void => {
    const { context, address, cause } = this.#parts
    this.#digest.note(type, data)
    void context.observe(address, type, data, cause, `${this.#seed}:${step}`, actor)
  }
}
