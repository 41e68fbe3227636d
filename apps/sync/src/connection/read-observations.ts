import { isRefusal, parseObservation, refuse, type DraftEvent, type Refusal } from '@coppice/events'

/** Checks what a runner saw, one by one: a bad one never fails its neighbours. */
export function readObservations(
  events: readonly DraftEvent[],
  log: string,
): { accepted: DraftEvent[]; rejected: { id: string; refusal: Refusal }[] } {
  const accepted: DraftEvent[] = []
  const rejected: { id: string; refusal: Refusal }[] = []
  for (const event of events) {
    const parsed =
      event.log === log && !event.id.includes('.') ? parseObservation(event) : refuse('invalid', misplaced(event, log))
    if (isRefusal(parsed)) rejected.push({ id: event.id, refusal: parsed })
    else accepted.push(parsed)
  }
  return { accepted, rejected }
}

const misplaced = (event: DraftEvent, log: string): string =>
  event.log === log
    ? `The id of an observation is one of its own, without a dot; this is ${event.id}.`
    : `The event is for log ${event.log}, its batch for log ${log}.`
