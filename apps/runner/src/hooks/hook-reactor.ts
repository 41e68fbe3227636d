import { hooksOf, LIMITS, setupIsOpen, WORKSPACE_STREAM } from '@coppice/events'
import type {
  CommandData,
  HookEvent,
  HookRound,
  HookRun,
  SessionState,
  WorkspaceHook,
  WorkspaceState,
} from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, RunnerContext } from '../runner-context.ts'
import type { Causes } from '../sessions/causes.ts'
import type { LiveFeed } from '../turns/live-feed.ts'
import { chooseHooks } from './chosen-hooks.ts'
import { eventWords, failureMessage, type FailedRun, type FailureMessage } from './failure-message.ts'
import { HookExecution, outputIdOf, type HookEnd } from './hook-execution.ts'

interface Parts {
  readonly context: RunnerContext
  readonly address: Address
  readonly sessionId: string
  readonly causes: Causes
  readonly feed: LiveFeed
  readonly state: () => SessionState
  readonly workspace: () => WorkspaceState | undefined
  readonly again: () => void
}

const byPerson = 'It was canceled.'
const withSession = 'It was ended with the session.'
const withRewind = 'It was ended because the session was rewound.'
const withTurn = 'It was ended because the turn was stopped.'

/** Runs the hooks of one session: when something happens that they wait for, one round at a time, one hook after the other. */
export class HookReactor {
  readonly #of: Parts
  #executing: { readonly runId: string; readonly execution: HookExecution } | undefined
  #working: Promise<void> = Promise.resolve()
  readonly #begun = new Set<string>()
  /** What hooks wait for and could not be begun. */
  readonly #givenUp = new Set<string>()
  /** The session may be another runner's, or the runner goes down: what is under way is left as it is in the log. */
  #leftOff = false

  constructor(of: Parts) {
    this.#of = of
  }

  /** Whether the agent waits for hooks that come before its work. */
  get holdsAgent(): boolean {
    const round = this.#hooks?.round?.event
    return round === 'init' || round === 'start' || this.#wants('init') || this.#wants('start')
  }

  /** Whether the session's end waits for hooks. */
  get holdsEnd(): boolean {
    if (this.#hooks?.round !== undefined) return true
    return this.#of.state().worktree === 'ready' && (this.#wants('done') || this.#wants('cancel'))
  }

  /** Begins what is due, goes on with what is open, ends what is to end. */
  reconcile(): void {
    const { state, causes } = this.#of
    const { hooks, turn, queue, ending, held, rewind } = state()
    this.#leftOff = false
    if (hooks?.round) {
      const { round } = hooks
      this.#stopUnwanted(round)
      return this.#once(round.roundId, () => this.#goOn(round))
    }
    const event = this.#nextEvent()
    const at = event && hooks?.due[event]
    if (event && at !== undefined) return this.#once(`${event}:${at}`, () => this.#begin(event, at))
    if (hooks?.retry?.active && !turn && queue.length === 0 && ending === 'none' && held === 'none' && !rewind)
      this.#once(`again:${causes.turn.id}`, () => this.#endAgain())
  }

  /** Nothing goes on here; another process of the runner, or another runner, goes on with it. Settles when no process is left. */
  async leaveOff(): Promise<void> {
    this.#leftOff = true
    this.#begun.clear()
    await this.#executing?.execution.leave()
  }

  get #hooks(): SessionState['hooks'] {
    return this.#of.state().hooks
  }

  #wants(event: HookEvent): boolean {
    const state = this.#of.state()
    const at = state.hooks?.due[event]
    if (at === undefined || this.#givenUp.has(`${event}:${at}`)) return false
    return hooksOf(event, state, this.#of.workspace()?.hooks, at).length > 0
  }

  #nextEvent(): HookEvent | undefined {
    const { worktree, setup, ending, turn } = this.#of.state()
    if (worktree !== 'ready') return undefined
    if (ending === 'none') return setupIsOpen(setup) ? undefined : this.#firstWanted(['init', 'start', 'agent_finish'])
    return turn ? undefined : this.#firstWanted([ending === 'done' ? 'done' : 'cancel'])
  }

  #firstWanted(events: readonly HookEvent[]): HookEvent | undefined {
    return events.find((event) => this.#wants(event))
  }

  #stopUnwanted({ event, runs }: HookRound): void {
    const { ending, turn, rewind } = this.#of.state()
    const { runId, execution } = this.#executing ?? {}
    if (ending !== 'none' && event !== 'done' && event !== 'cancel') execution?.stop(withSession)
    if (event === 'start' && turn && turn.stop !== 'none') execution?.stop(withTurn)
    if (event === 'agent_finish' && rewind) execution?.stop(withRewind)
    if (runs.some((one) => one.runId === runId && one.canceling)) execution?.stop(byPerson)
  }

  /** One reaction after the other, each once. */
  #once(key: string, work: () => Promise<void>): void {
    if (this.#begun.has(key)) return
    this.#begun.add(key)
    const { context, sessionId, again } = this.#of
    this.#working = this.#working.then(work).then(again, (error: unknown) => {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
      context.say(`Session ${sessionId}: hooks (${key}) failed: ${words}`)
    })
  }

  async #begin(event: HookEvent, at: number): Promise<void> {
    const { context, address, sessionId, causes, state, workspace } = this.#of
    const [session, settings] = [state(), workspace()]
    if (!settings || this.#leftOff) return
    try {
      const worktree = await context.worktrees.find(sessionId)
      if (!worktree) throw new Error('this runner has no worktree of that session.')
      const chosen = await chooseHooks(event, at, session, settings, worktree, context.now())
      const { roundId } = chosen
      const turnId = event === 'start' && session.turn ? { turnId: session.turn.turnId } : {}
      const data = { ...chosen, ...turnId }
      await context.observe(address, 'hooks.begun', data, causes.before(event), `hooks:${roundId}`)
    } catch (error) {
      // Neither the agent nor the end of the session waits for what cannot be.
      this.#givenUp.add(`${event}:${at}`)
      const words = context.redaction.text(error instanceof Error ? error.message : String(error))
      await this.#say(`${sessionId}:${event}:${at}`, `The hooks ${eventWords[event]} could not be run: ${words}`)
    }
  }

  async #goOn(round: HookRound): Promise<void> {
    const { context, sessionId, feed, workspace } = this.#of
    const worktree = await context.worktrees.find(sessionId)
    const failed: FailedRun[] = []
    let halted = ''
    let canceled = false
    const prepares = round.event === 'init' || round.event === 'start'
    for (const { runId } of round.runs) {
      const run = this.#run(runId)
      if (!run || this.#leftOff) return
      const hook = workspace()?.hooks?.list.find((one) => one.hookId === run.hookId)
      if (prepares) feed.progress('hooks', `${eventWords[round.event]}: ${run.name}`)
      const outputId = outputIdOf(run)
      const end =
        run.state === 'completed' || run.state === 'failed'
          ? { status: run.state, reason: run.reason, message: 'The runner was restarted since.' }
          : await this.#execute(round, run, hook, worktree, halted)
      if (!end) return
      if (end.status !== 'failed') continue
      canceled ||= end.reason === 'canceled'
      if (hook?.stopOnFailure && halted === '') halted = run.name
      if (hook && end.reason !== 'canceled' && end.reason !== 'not_run')
        failed.push({ runId, hook, command: this.#commandOf(hook), how: end.message ?? '', outputId })
    }
    if (prepares) feed.progress('', '')
    else feed.worktreeChanged()
    await this.#report(round, failed, canceled).catch((error: unknown) => this.#notTold(round, error))
    await this.#finish(round.roundId, round.event, failed.length)
  }

  #run(runId: string): HookRun | undefined {
    return this.#hooks?.round?.runs.find((one) => one.runId === runId)
  }

  #commandOf({ work }: WorkspaceHook): string {
    const { context, workspace } = this.#of
    const task = work.kind === 'task' ? workspace()?.tasks?.find((one) => one.name === work.task) : undefined
    return context.redaction.text(work.kind === 'script' ? work.script : (task?.script ?? ''))
  }

  /** Runs one hook, tells how it ended, and counts that. @returns nothing where it was left off */
  async #execute(
    round: HookRound,
    run: HookRun,
    hook: WorkspaceHook | undefined,
    worktree: Worktree | undefined,
    halted: string,
  ): Promise<HookEnd | undefined> {
    const { context, address, causes, workspace } = this.#of
    const { roundId, event } = round
    const cause = causes.hooks
    const began = context.now()
    const end = await this.#endOf(
      run,
      hook,
      worktree,
      halted,
      (known, place) =>
        new HookExecution({
          context,
          address,
          worktree: place,
          roundId,
          event,
          run,
          hook: known,
          tasks: workspace()?.tasks,
          cause,
        }),
    )
    if (!end || this.#leftOff) return undefined
    const durationMs = Math.max(0, context.now() - began)
    const data = { roundId, runId: run.runId, ...end, durationMs }
    if (!(await context.observe(address, 'hook.ended', data, cause, `hook:${run.runId}:ended`))) return undefined
    this.#count(run, end)
    return end
  }

  async #endOf(
    run: HookRun,
    hook: WorkspaceHook | undefined,
    worktree: Worktree | undefined,
    halted: string,
    executionOf: (hook: WorkspaceHook, worktree: Worktree) => HookExecution,
  ): Promise<HookEnd | undefined> {
    const failed = (reason: HookEnd['reason'], message: string): HookEnd => ({
      status: 'failed',
      reason,
      exitCode: null,
      message,
    })
    if (halted !== '') return failed('not_run', `It did not run because ${halted} failed.`)
    if (this.#run(run.runId)?.canceling) return failed('canceled', byPerson)
    if (!hook) return failed('could_not_start', 'The hook was removed from the workspace.')
    if (!worktree) return failed('could_not_start', 'This runner has no worktree of that session.')
    const execution = executionOf(hook, worktree)
    this.#executing = { runId: run.runId, execution }
    const { round } = this.#hooks ?? {}
    if (round) this.#stopUnwanted(round)
    try {
      return await execution.run()
    } finally {
      this.#executing = undefined
    }
  }

  /** The circuit breaker counts in the workspace; it does not hold up what follows. */
  #count({ runId, hookId }: HookRun, { status, reason }: HookEnd): void {
    const { context, address, sessionId, causes, workspace } = this.#of
    const failed = status === 'failed'
    if (reason === 'canceled' || reason === 'not_run') return
    if (!failed && (workspace()?.hooks?.breakers[hookId]?.failures ?? 0) === 0) return
    const counted = { hookId, sessionId, runId, failed }
    const to = { log: address.log, stream: WORKSPACE_STREAM }
    context
      .push(to, 'workspace.countHook', counted, derivedId(runId, 'count'), causes.latest.correlationId)
      .catch((error: unknown) => context.say(`Hook ${hookId} was not counted: ${String(error)}`))
  }

  /** What failed goes to the agent, or is only shown: where the session ends, and where hooks have had the word too often. */
  async #report(round: HookRound, failed: readonly FailedRun[], canceled: boolean): Promise<void> {
    const { context, address, workspace, state } = this.#of
    if (failed.length === 0) return
    const all = await Promise.all(failed.map((one) => failureMessage(context, address, one)))
    const messages = all.filter((one) => one !== undefined)
    if (messages.length === 0) return
    const completes = round.event === 'done'
    const mayRetry = completes && !canceled && workspace()?.hooks?.doneRetry === true
    if (round.event === 'cancel' || (completes && !mayRetry)) return this.#show(messages)
    const { hooks } = state()
    const often = (hooks?.retry?.count ?? 0) >= LIMITS.doneRetries
    if (completes && often) {
      await this.#show(messages)
      await this.#push('session.keepOpen', { roundId: round.roundId }, round.roundId)
      return
    }
    const { roundId } = round
    const report = { roundId, messages, ...(completes && { reopen: true as const }) }
    const refused = await this.#push('hooks.report', report, roundId)
    if (refused === undefined) return
    await this.#show(messages)
    await this.#say(roundId, `What the hooks found was not given to the agent: ${refused}`)
  }

  /** The session does not stand still for it. */
  async #notTold({ roundId, event }: HookRound, error: unknown): Promise<void> {
    const words = this.#of.context.redaction.text(error instanceof Error ? error.message : String(error))
    await this.#say(roundId, `What failed ${eventWords[event]} is in Hook Logs; it could not be told: ${words}`)
  }

  /** @returns why it was refused, in words; undefined where it was not */
  async #push<T extends 'hooks.report' | 'session.keepOpen' | 'session.endAgain'>(
    type: T,
    data: CommandData<T>,
    seed: string,
  ): Promise<string | undefined> {
    const { context, address, causes } = this.#of
    const result = await context.push(address, type, data, derivedId(seed, type), causes.latest.correlationId)
    return result.kind === 'refused' ? result.refusal.message : undefined
  }

  async #show(messages: readonly FailureMessage[]): Promise<void> {
    const { context, address, causes } = this.#of
    for (const { messageId, text, hook } of messages)
      await context.observe(
        address,
        'message.added',
        { messageId, kind: 'hook_failure', source: hook.name, text, completeness: 'whole' },
        causes.hooks,
        `hook:${messageId}`,
      )
  }

  async #say(seed: string, text: string): Promise<void> {
    const { context, address, causes } = this.#of
    const messageId = derivedId(seed, 'words')
    const data = { messageId, kind: 'system' as const, source: 'coppice', text, completeness: 'whole' as const }
    await context.observe(address, 'message.added', data, causes.hooks, `hooks:${messageId}`)
  }

  async #finish(roundId: string, event: HookEvent, failed: number): Promise<void> {
    const { context, address, causes } = this.#of
    await context.observe(address, 'hooks.finished', { roundId, event, failed }, causes.hooks, `hooks:${roundId}:end`)
  }

  /** The agent has worked on what failed: the session is to be Done again, unless somebody has other plans. */
  async #endAgain(): Promise<void> {
    const { context, sessionId, causes } = this.#of
    const refused = await this.#push('session.endAgain', {}, causes.turn.id)
    if (refused !== undefined) context.say(`Session ${sessionId} is not completed again: ${refused}`)
  }
}
