import { canonicalText, hashOf, hashText, leafHash, TreeEdge, type RecordedEvent } from '@coppice/events'
import type { Cursor } from './store.ts'

/** The edge of a log's tree as a cursor has it; undefined where this replica does not know it. */
export const edgeOf = (cursor: Cursor | undefined): TreeEdge | undefined =>
  cursor === undefined || cursor.position === 0
    ? new TreeEdge()
    : cursor.peaks && new TreeEdge(cursor.position, cursor.peaks.map(hashOf))

export const rootOf = (cursor: Cursor): string | undefined => {
  const edge = edgeOf(cursor)
  return edge && hashText(edge.root())
}

/**
 * The edge after the events up to `to`: each by its own hash, those that a shape left out by the hashes in `left`.
 * Undefined where the edge before was not known, or the hashes do not add up.
 */
export function edgeAfter(
  before: Cursor | undefined,
  to: number,
  events: readonly RecordedEvent[],
  left: readonly string[],
): readonly string[] | undefined {
  const edge = edgeOf(before)
  if (edge === undefined || events.length + left.length !== to - edge.size) return undefined
  let nextEvent = 0
  let nextLeft = 0
  for (let position = edge.size + 1; position <= to; position += 1) {
    const event = events[nextEvent]
    if (event?.position === position) {
      edge.append(leafHash(canonicalText(event)))
      nextEvent += 1
    } else {
      const hash = left[nextLeft]
      if (hash === undefined) return undefined
      edge.append(hashOf(hash))
      nextLeft += 1
    }
  }
  return edge.peaks.map(hashText)
}
