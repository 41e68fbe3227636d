import type { EventMeta } from '../decider.ts'
import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { HookEvent } from '../workspace/hooks.ts'
import type { SessionCommand } from './commands.ts'
import type { SessionEvent } from './events.ts'
import type { hookCommands, hookDecisions, hookFacts } from './hook-vocabulary.ts'
import type { SessionState } from './state.ts'

/** A hook of an open round. */
export interface HookRun {
  readonly runId: string
  readonly hookId: string
  readonly name: string
  readonly state: 'pending' | 'running' | 'completed' | 'failed'
  readonly reason?: string | undefined
  readonly canceling?: true
  /** Where the output of its newest process is. */
  readonly stream?: string
}

/** The hooks that one happening made run, until the last of them has ended. */
export interface HookRound {
  readonly roundId: string
  readonly event: HookEvent
  readonly turnId?: string | undefined
  readonly runs: readonly HookRun[]
}

/** What a session's runner needs to know of its hooks. */
export interface SessionHooks {
  /** What happened and has no round yet, with when; the newest of its kind. Where there are no hooks it stays here. */
  readonly due: Readonly<Partial<Record<HookEvent, number>>>
  readonly round?: HookRound
  /** Turns in a row that hooks began. */
  readonly turns: number
  /** The session was to be Done, and its agent works on hooks that failed: for the how-manieth time, and whether it still does. */
  readonly retry?: { readonly count: number; readonly active: boolean }
}

const none: SessionHooks = { due: {}, turns: 0 }

export type HookCommand = Extract<SessionCommand, { type: keyof typeof hookCommands }>
type HookEventOfSession = Extract<SessionEvent, { type: keyof typeof hookDecisions | keyof typeof hookFacts }>

const commandTypes: readonly string[] = [
  'hook.cancel',
  'hooks.report',
  'session.keepOpen',
  'session.endAgain',
] satisfies HookCommand['type'][]
export const isHookCommand = (command: SessionCommand): command is HookCommand => commandTypes.includes(command.type)

export const isHookHappening = (event: SessionEvent): event is HookEventOfSession =>
  event.type.startsWith('hook') || event.type === 'session.reopened'

/** Decides what people and the runner ask of hooks, in a session that has not ended. It may be about to. */
export function decideHook(command: HookCommand, state: SessionState): readonly SessionEvent[] | Refusal {
  const { round, retry, turns } = state.hooks ?? none
  if (command.type === 'hook.cancel') {
    const run = round?.runs.find((one) => one.runId === command.data.runId)
    if (!round || !run || run.state === 'completed' || run.state === 'failed')
      return refuse('operation_settled', 'This hook has already ended.')
    return run.canceling ? [] : [{ type: 'hook.cancelRequested', data: { roundId: round.roundId, runId: run.runId } }]
  }
  if (command.type === 'session.endAgain') {
    if (!retry?.active || state.turn || state.queue.length > 0 || state.ending !== 'none')
      return refuse('wrong_state', 'The session goes on with something else.')
    return [{ type: 'session.endRequested', data: { outcome: 'done', canceledMessageIds: [] } }]
  }
  if (command.type === 'session.keepOpen')
    return state.ending === 'done'
      ? [{ type: 'session.reopened', data: command.data }]
      : refuse('wrong_state', 'The session is not being completed.')
  const { roundId, messages, reopen } = command.data
  if (turns >= LIMITS.hookTurns)
    return refuse('queue_full', `Hooks have begun ${LIMITS.hookTurns} turns in a row: the session waits for a person.`)
  if (state.queue.length + messages.length > LIMITS.queuedMessages)
    return refuse('queue_full', `${LIMITS.queuedMessages} messages are waiting already.`)
  const queued = messages.map((data): SessionEvent => ({ type: 'message.queued', data }))
  if (!reopen) return state.ending === 'none' ? queued : refuse('wrong_state', 'The session is being ended.')
  const count = (retry?.count ?? 0) + 1
  if (state.ending !== 'done') return refuse('wrong_state', 'The session is not being completed.')
  if (count > LIMITS.doneRetries)
    return refuse('queue_full', `The agent was given the session back ${LIMITS.doneRetries} times already.`)
  return [{ type: 'session.reopened', data: { roundId, retry: count } }, ...queued]
}

/** The hooks' part of the state after an event; the same object where nothing of it changes. */
export function hooksOfState(state: SessionState, event: SessionEvent, meta: EventMeta): SessionHooks | undefined {
  const hooks = state.hooks ?? none
  const due = (event: HookEvent, rest = hooks.due): SessionHooks => ({ ...hooks, due: { ...rest, [event]: meta.at } })
  switch (event.type) {
    case 'worktree.ready':
      return due('init')
    case 'message.queued':
      // Whoever writes has the session back.
      return hooks.retry?.active && !event.data.hook
        ? { ...hooks, retry: { ...hooks.retry, active: false } }
        : state.hooks
    case 'turn.started': {
      const byHook = state.queue.some(({ messageId, hook }) => hook && event.data.messageIds.includes(messageId))
      return { ...due('start'), turns: byHook ? hooks.turns + 1 : 0 }
    }
    case 'turn.ended': {
      if (state.turn?.turnId !== event.data.turnId) return state.hooks
      const { start: _over, ...rest } = hooks.due
      const well = event.data.outcome === 'completed'
      if (hooks.retry?.active) return { ...hooks, due: rest, retry: { ...hooks.retry, active: well } }
      return well ? due('agent_finish', rest) : { ...hooks, due: rest }
    }
    case 'session.endRequested': {
      const { retry: _before, ...asked } = hooks
      const next = meta.actor.kind === 'user' ? { ...asked, turns: 0 } : hooks
      return { ...next, due: { [event.data.outcome === 'done' ? 'done' : 'cancel']: meta.at } }
    }
    case 'session.ended':
      return undefined
    default:
      return isHookHappening(event) ? afterHook(hooks, event) : state.hooks
  }
}

function afterHook(hooks: SessionHooks, event: HookEventOfSession): SessionHooks {
  const withRun = (runId: string, change: Partial<HookRun>): SessionHooks =>
    hooks.round
      ? {
          ...hooks,
          round: {
            ...hooks.round,
            runs: hooks.round.runs.map((one) => (one.runId === runId ? { ...one, ...change } : one)),
          },
        }
      : hooks
  switch (event.type) {
    case 'session.reopened': {
      const { retry: _before, ...rest } = hooks
      const { retry } = event.data
      return { ...rest, due: {}, ...(retry !== undefined && { retry: { count: retry, active: true } }) }
    }
    case 'hooks.begun': {
      const { roundId, event: of, turnId, runs } = event.data
      const { [of]: _begun, ...due } = hooks.due
      const round = { roundId, event: of, turnId, runs: runs.map((run) => ({ ...run, state: 'pending' as const })) }
      return { ...hooks, due, round }
    }
    case 'hook.cancelRequested':
      return withRun(event.data.runId, { canceling: true })
    case 'hook.started':
      return withRun(event.data.runId, { state: 'running', stream: event.data.stream })
    case 'hook.ended':
      return withRun(event.data.runId, { state: event.data.status, reason: event.data.reason })
    case 'hooks.finished': {
      const { round, ...rest } = hooks
      return round?.roundId === event.data.roundId ? rest : hooks
    }
  }
}
