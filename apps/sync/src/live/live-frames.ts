import { deltaFrame, type LiveItem } from '@coppice/protocol'
import type { LiveRoom } from './live-room.ts'

/** What a session's watchers are sent of some news; the same buffers go to all of them. */
export interface LiveFrames {
  /** One message, for peers of version 1. */
  readonly long: Buffer
  /** For the others: pieces of texts that they have in the short form, all else in messages between them. */
  readonly short: readonly Buffer[]
}

/**
 * Takes news into a session's state and puts them into words. Short deltas name no offset: they are for watchers who have
 * had all that is in the state, over the same connection.
 */
export function liveFrames(
  { log, session, state }: { readonly log: string; readonly session: string; readonly state: LiveRoom },
  items: readonly LiveItem[],
): LiveFrames {
  const message = (of: readonly LiveItem[], numbers?: [string, number][]): Buffer =>
    Buffer.from(JSON.stringify({ t: 'live', log, session, items: of, ...(numbers?.length && { numbers }) }))
  const short: Buffer[] = []
  let between: LiveItem[] = []
  let numbers: [string, number][] = []
  const flush = (): void => {
    if (between.length > 0) short.push(message(between, numbers))
    between = []
    numbers = []
  }
  for (const item of items) {
    const continued = item.kind === 'text' ? state.continues(item) : undefined
    state.take([item])
    if (continued?.fresh === '') continue
    const frame = continued && deltaFrame(continued.n, continued.fresh)
    if (frame === undefined) {
      between.push(item)
      numbers.push(...state.numbers([item]))
    } else {
      flush()
      short.push(Buffer.from(frame))
    }
  }
  flush()
  return { long: message(items), short }
}
