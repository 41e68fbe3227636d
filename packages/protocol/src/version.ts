/**
 * Versions of the wire. A client says the newest it speaks and the oldest; the server answers with the one both use,
 * or refuses with a sentence that says who must update.
 *
 * 1: first version.
 */
export const PROTOCOL_VERSION = 1
export const OLDEST_PROTOCOL_VERSION = 1
