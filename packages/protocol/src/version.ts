/**
 * Versions of the wire. A client says the newest it speaks and the oldest; the server answers with the one both use,
 * or refuses with a sentence that says who must update.
 *
 * 1: first version.
 * 2: deltas of live text may come in a short form (`live-delta.ts`). A client of version 1 gets all of them in the long one.
 */
export const PROTOCOL_VERSION = 2
export const OLDEST_PROTOCOL_VERSION = 1
