import type { Command } from '@coppice/events'
import type { OutboxEntry } from './outbox.ts'

/** Names of what a command makes or acts on, beside its stream. */
const NAMED = ['messageId', 'operationId', 'invitationId'] as const
const MOST = 20

/**
 * Ids of the waiting commands that this one makes sense only after: what begins its stream, and what made or changed the
 * very thing it names. If one of them is refused, so is this, and its text can be had back (LF-3).
 */
export function builtOn(command: Command, entries: readonly OutboxEntry[]): readonly Command['id'][] {
  return entries
    .flatMap(({ command: earlier, acceptedTo }) => {
      if (acceptedTo !== undefined || earlier.log !== command.log || earlier.stream !== command.stream) return []
      const begins = earlier.type.endsWith('.create')
      const same = NAMED.some(
        (name) => named(command, name) !== undefined && named(command, name) === named(earlier, name),
      )
      return begins || same ? [earlier.id] : []
    })
    .slice(0, MOST)
}

/** The first message of a session is made with it. */
function named({ data }: Command, name: (typeof NAMED)[number]): unknown {
  const { message } = data
  const first = typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : {}
  return data[name] ?? first[name]
}
