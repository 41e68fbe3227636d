import {
  asSession,
  holderOf,
  refuse,
  type Command,
  type DraftEvent,
  type Refusal,
  type StreamState,
} from '@coppice/events'

/** What a runner tells that need not have the session: that is what it is about. */
const FROM_ANY_RUNNER: readonly string[] = ['run.orphaned']

/**
 * Why a runner's fact about a session is not taken: it has not the session, or saw it under an earlier change of hands. The
 * state is that of the log as the fact would be appended, so nothing comes between looking and storing (BE-8).
 */
export function fencedFact(
  event: DraftEvent,
  runnerId: string,
  state: StreamState,
  ownRunner: string,
): Refusal | undefined {
  if (!event.stream.startsWith('session/') || FROM_ANY_RUNNER.includes(event.type)) return undefined
  const session = asSession(state)
  const now = session.lease?.epoch ?? 0
  const seen = event.producer?.lease ?? 0
  if (holderOf(session, ownRunner) === runnerId && seen === now) return undefined
  return refuse(
    'fenced',
    `Another runner has taken the session over (change of hands ${now}; this was seen under ${seen}). It was not stored; keep it as an orphaned run.`,
  )
}

/** The same for what a runner asks for; taking over is for those that have not the session. */
export function fencedCommand(
  command: Command,
  runnerId: string,
  state: StreamState,
  ownRunner: string,
): Refusal | undefined {
  if (!command.stream.startsWith('session/')) return undefined
  if (command.type === 'session.takeOver')
    return command.data['runnerId'] === runnerId
      ? undefined
      : refuse('forbidden', 'A runner takes a session over for itself only.')
  if (holderOf(asSession(state), ownRunner) === runnerId) return undefined
  return refuse('fenced', 'Another runner has this session. Nothing was begun.')
}
