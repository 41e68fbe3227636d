import type { RecordedEvent } from '@coppice/events'

/** What a log says of its turns that cannot be true, or leaves open: empty for a log that tells the truth. */
export function untrue(events: readonly RecordedEvent[]): string[] {
  const wrong: string[] = []
  const at = (type: string, field: string, id: unknown): number[] =>
    events.flatMap((event, i) => (event.type === type && event.data[field] === id ? [i] : []))
  const once = (what: string, found: readonly number[], from = 0, to = events.length): number => {
    const [first] = found
    if (found.length !== 1 || first === undefined) wrong.push(`${what}: ${found.length} times`)
    else if (first < from || first > to) wrong.push(`${what}: out of its order`)
    return first ?? to
  }
  events.forEach(({ type, data }, began) => {
    if (type === 'turn.started') {
      const { turnId } = data
      const ended = once(`end of turn ${String(turnId)}`, at('turn.ended', 'turnId', turnId), began)
      const kept = events.flatMap((event, i) =>
        event.type === 'checkpoint.created' && event.data['turnId'] === turnId
          ? [{ i, reason: event.data['reason'] }]
          : [],
      )
      const of = (reason: string): number[] => kept.flatMap((one) => (one.reason === reason ? [one.i] : []))
      once('checkpoint before the turn', of('turn_start'), began, ended)
      // Of a turn that a restart ended the files are kept before the next one.
      const aborted = events[ended]?.data['outcome'] === 'aborted_by_restart'
      if (!aborted) once('checkpoint after the turn', of('turn_end'), began)
      for (const stop of at('turn.stopRequested', 'turnId', turnId)) {
        if (stop > ended) wrong.push('a stop was asked for after the end')
        const seen = [...at('turn.stopAcknowledged', 'turnId', turnId), ...at('agent.exited', 'turnId', turnId)]
        if (!seen.some((one) => one > stop)) wrong.push('nobody says what became of the stop')
      }
    }
    if (type === 'tool.started') {
      const [end = events.length] = at('turn.ended', 'turnId', data['turnId'])
      once(`end of step ${String(data['title'])}`, at('tool.finished', 'toolId', data['toolId']), began, end)
    }
    if (type === 'approval.requested') {
      const settled = [
        ...at('approval.answered', 'approvalId', data['approvalId']),
        ...at('approval.withdrawn', 'approvalId', data['approvalId']),
      ]
      once(`answer to ${String(data['title'])}`, settled, began)
    }
    if (type === 'message.queued') {
      const { messageId } = data
      const fates = events.filter(
        (event) => ['message.steered', 'message.removed'].includes(event.type) && event.data['messageId'] === messageId,
      ).length
      const delivered = events.filter(
        (event) => event.type === 'turn.started' && (event.data['messageIds'] as string[]).includes(String(messageId)),
      ).length
      if (fates + delivered !== 1) wrong.push(`message ${String(messageId)}: ${fates + delivered} fates`)
    }
  })
  return wrong
}
