import type { SessionState, KnownObservation, ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { leftOver, type LeftOver } from './left-over.ts'
import { mostResumptions, resumingPrompt, type Resumption } from './resumption.ts'
import { runRecord } from './run-record.ts'
import { readTranscript, transcriptFile } from './transcript.ts'
import { turnCheckpoint } from './turn-checkpoint.ts'

type RunningTurn = NonNullable<SessionState['turn']>

const broken =
  'The runner was restarted while the agent worked. What it had done is kept; release the queue or send a message to go on.'

const takenOver =
  'The runner that worked on this is gone, and another one has taken over, with the files of the last checkpoint that could be had. What the first one did after that is attached when it is back. Release the queue or send a message to go on.'

const noWorktree =
  'This runner has no worktree of this session: its data folder is not the one that the session was made in. Start the runner with that folder, or begin a new session.'

/** Takes up a turn that an earlier process of this runner was working on: it goes on, or is ended truthfully. */
export class TurnRecovery {
  readonly #context: RunnerContext
  readonly #address: Address
  readonly #state: SessionState
  readonly #turn: RunningTurn
  readonly #cause: Cause
  readonly #left: LeftOver

  constructor(context: RunnerContext, address: Address, state: SessionState, turn: RunningTurn, cause: Cause) {
    this.#context = context
    this.#address = address
    this.#state = state
    this.#turn = turn
    this.#cause = cause
    this.#left = leftOver(readTranscript(transcriptFile(context.dataFolder, turn.runId, turn.turnId)))
  }

  /**
   * Tells what the earlier process had begun and not told.
   * @param text of the turn's messages
   * @param worktree of the session; undefined where its files are not here
   * @returns how the turn goes on; undefined where it does not: then its end has been told, too.
   */
  async begin(text: string, worktree: Worktree | undefined): Promise<Resumption | undefined> {
    const { context, turn } = { context: this.#context, turn: this.#turn }
    const told = this.#tellLeftOver()
    const { asked, answered, resumable } = this.#left
    if (answered) {
      await told
      if (worktree) await this.#keepFiles(worktree)
      await this.#end(answered)
      return undefined
    }
    if (!worktree) {
      await this.giveUp(noWorktree)
      return undefined
    }
    const ends = turn.stop !== 'none' || this.#state.ending !== 'none' || (turn.resumed ?? 0) >= mostResumptions
    if (ends || !resumable || (asked && this.#state.provider === 'script')) {
      await this.#end({ outcome: 'aborted_by_restart', message: broken })
      return undefined
    }
    const { record } = runRecord(context.dataFolder, turn.runId, turn.turnId)
    if (!asked) return { cause: 'restart', asked, prompt: '', record }
    // What was just told must be among what is read.
    await told
    const events = await context.readSession(this.#address)
    return { cause: 'restart', asked, prompt: resumingPrompt(events, turn.turnId, text), record }
  }

  /** The turn was another runner's, which is gone: it is ended truthfully, with what the log knows to be open. */
  async endForeign(): Promise<void> {
    const { turnId } = this.#turn
    const open = new Map<string, number>()
    for (const event of await this.#context.readSession(this.#address)) {
      const { toolId, turnId: of } = event.data
      if (event.type === 'tool.started' && of === turnId) open.set(String(toolId), event.recordedAt)
      if (event.type === 'tool.finished') open.delete(String(toolId))
    }
    for (const [toolId, at] of open) {
      const durationMs = Math.max(0, this.#context.now() - at)
      const data = { toolId, turnId, outcome: 'aborted' as const, durationMs, output: '', omittedChars: 0 }
      void this.#observe('tool.finished', data, `foreign:${toolId}`)
    }
    for (const { approvalId, toolId } of this.#state.approvals)
      void this.#observe('approval.withdrawn', { approvalId, toolId, reason: 'restart' }, `withdrawn:${approvalId}`)
    await this.#end({ outcome: 'aborted_by_restart', message: takenOver })
  }

  /** It could not go on after all. */
  async giveUp(why: string): Promise<void> {
    await this.#end({ outcome: 'aborted_by_restart', message: `${broken} It could not go on by itself: ${why}` })
  }

  #tellLeftOver(): Promise<unknown> {
    const { turnId, runId } = this.#turn
    const { messages, tools, answered } = this.#left
    const agent = { kind: 'agent' as const, id: this.#state.provider }
    const completeness = answered?.outcome === 'completed' ? 'whole' : 'cut_off'
    const told = messages.map(({ messageId, channel, text }) =>
      this.#context.observe(
        this.#address,
        'message.added',
        { messageId, turnId, kind: channel, text, completeness },
        this.#cause,
        `${turnId}:message:${messageId}`,
        agent,
      ),
    )
    for (const { toolId, output, at } of tools) {
      const cut = output.slice(-8_000)
      const durationMs = Math.max(0, this.#context.now() - at)
      const omittedChars = output.length - cut.length
      told.push(
        this.#observe(
          'tool.finished',
          { toolId, turnId, outcome: 'aborted', durationMs, output: cut, omittedChars },
          `recovered:${toolId}`,
        ),
      )
    }
    for (const { approvalId, toolId } of this.#state.approvals)
      told.push(
        this.#observe('approval.withdrawn', { approvalId, toolId, reason: 'restart' }, `withdrawn:${approvalId}`),
      )
    const exited = { runId, turnId, exitCode: null, signal: null, groupGone: true }
    told.push(this.#observe('agent.exited', exited, `exited:${derivedId(runId)}`))
    return Promise.all(told)
  }

  /** The files as they are after the turn, unless the earlier process had kept them; an end is told also without them. */
  async #keepFiles(worktree: Worktree): Promise<void> {
    const { turnId } = this.#turn
    try {
      const events = await this.#context.readSession(this.#address)
      const kept = events.some(
        ({ type, data }) => type === 'checkpoint.created' && data.turnId === turnId && data.reason === 'turn_end',
      )
      if (kept) return
      const of = { turnId, seed: derivedId(turnId, 'recovered') }
      const observe = (type: 'checkpoint.created', data: ObservationData<typeof type>, step: string): void =>
        void this.#observe(type, data, `recovered:${step}`)
      await turnCheckpoint(worktree, of, 'turn_end', observe)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#context.say(`Turn ${turnId}: its files could not be kept in a checkpoint after it: ${reason}`)
    }
  }

  async #end(end: NonNullable<LeftOver['answered']>): Promise<void> {
    const { turnId, runId, startedAt, messageIds } = this.#turn
    const durationMs = Math.max(0, this.#context.now() - startedAt)
    const data = { turnId, messageIds: [...messageIds], ...end, durationMs }
    await this.#observe('turn.ended', { ...data, ...runRecord(this.#context.dataFolder, runId, turnId) }, 'ended')
  }

  #observe<T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string): Promise<boolean> {
    return this.#context.observe(this.#address, type, data, this.#cause, `${this.#turn.turnId}:${step}`)
  }
}

/** The log says that there is a worktree, this data folder knows of none: it is another one, or was cleared. */
export async function endWithoutWorktree(
  context: RunnerContext,
  address: Address,
  turnId: string,
  messageIds: readonly string[],
  cause: Cause,
): Promise<void> {
  await context.observe(
    address,
    'turn.ended',
    { turnId, messageIds: [...messageIds], outcome: 'failed', durationMs: 0, message: noWorktree },
    cause,
    `${turnId}:ended`,
  )
}
