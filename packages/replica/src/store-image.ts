import type { RecordedEvent, RowChange, StreamState } from '@coppice/events'
import { PROJECTION_VERSION, TABLE_NAMES } from '@coppice/events'
import { isHeader } from './replica.ts'
import type { Batch, Cursor, LeftStream, Store } from './store.ts'

/** What a batch writes is on a thread that also answers clicks: so many rows and events are a few milliseconds of it. */
export const ROWS_AT_ONCE = 200

/** What a store holds of one session besides its header. */
interface Body {
  readonly events: RecordedEvent[]
  readonly changes: RowChange[]
}

/** All that a store holds of one log, as of one moment. */
export interface LogImage {
  readonly cursor: Cursor
  readonly left: readonly LeftStream[]
  readonly headers: RowChange[]
  readonly states: readonly { readonly stream: string; readonly state: StreamState }[]
  /** Events of what is no session. */
  readonly events: readonly RecordedEvent[]
  /** By stream, `session/ID`. */
  readonly bodies: ReadonlyMap<string, Body>
}

/**
 * Everything in a store, by log. Nothing is copied: rows and events never change once they are there. The store must stand
 * still meanwhile; of one in memory it takes milliseconds.
 */
export async function imageOf(store: Store): Promise<readonly LogImage[]> {
  const left = await store.leftStreams()
  const images = new Map<string, Omit<LogImage, 'states'> & { events: RecordedEvent[]; bodies: Map<string, Body> }>()
  for (const cursor of await store.cursors()) {
    const bodies = new Map<string, Body>()
    const events: RecordedEvent[] = []
    for (const event of await store.events(cursor.log, 0, Number.MAX_SAFE_INTEGER))
      if (isSession(event.stream)) bodyIn(bodies, event.stream).events.push(event)
      else events.push(event)
    const ofLog = left.filter(({ log }) => log === cursor.log)
    images.set(cursor.log, { cursor, left: ofLog, headers: [], events, bodies })
  }
  for (const table of TABLE_NAMES) {
    for (const { key, log, row } of await store.all(table)) {
      const image = images.get(log)
      const change = { table, key, row } as RowChange
      if (isHeader(table)) image?.headers.push(change)
      else if (image && 'sessionId' in row) bodyIn(image.bodies, `session/${row.sessionId}`).changes.push(change)
    }
  }
  return Promise.all([...images.values()].map(async (image) => ({ ...image, states: await statesOf(store, image) })))
}

/**
 * The batches that make such a log in another store. First all headers, as of sessions of which nothing else is here, then
 * one session after the other: wherever it breaks off, the other store is a replica that lacks some bodies, or one without
 * a cursor, which is begun anew.
 */
export function* batchesOf({ cursor, left, headers, states, events, bodies }: LogImage): Generator<Batch> {
  const { log, epoch } = cursor
  const whole = [...bodies.keys()].filter((stream) => !left.some((one) => one.stream === stream))
  const begun = { log, epoch, position: 0 }
  const empty = { events: [], changes: [], states: [] }
  for (const part of slices(events)) yield { ...empty, cursor: begun, events: part }
  for (const part of slices(headers)) yield { ...empty, cursor: begun, changes: part }
  for (const part of slices(states)) yield { ...empty, cursor: begun, states: part }
  const all = [...left, ...whole.map((stream) => ({ stream, projection: PROJECTION_VERSION }))]
  for (const part of slices(all)) yield { ...empty, cursor: begun, left: part }
  yield { ...empty, cursor }
  for (const [stream, body] of bodies) {
    for (const part of slices(body.events)) yield { ...empty, cursor, events: part }
    for (const part of slices(body.changes)) yield { ...empty, cursor, changes: part }
    if (whole.includes(stream)) yield { ...empty, cursor, whole: [stream] }
  }
}

async function statesOf(
  store: Store,
  { cursor, left, events, bodies }: Omit<LogImage, 'states'>,
): Promise<LogImage['states']> {
  const streams = new Set([...events, ...left].map(({ stream }) => stream))
  for (const stream of bodies.keys()) streams.add(stream)
  const found: { stream: string; state: StreamState }[] = []
  for (const stream of streams) {
    const state = await store.state(cursor.log, stream)
    if (state) found.push({ stream, state })
  }
  return found
}

const isSession = (stream: string): boolean => stream.startsWith('session/')

function bodyIn(bodies: Map<string, Body>, stream: string): Body {
  const body = bodies.get(stream) ?? { events: [], changes: [] }
  bodies.set(stream, body)
  return body
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += ROWS_AT_ONCE) yield all.slice(at, at + ROWS_AT_ONCE)
}
