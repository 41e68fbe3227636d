/**
 * The machine's time, milliseconds since 1970, but never earlier than it was: durations and the order of what was seen
 * stay right when somebody sets the clock back. It stands still until the machine has caught up.
 */
export function forwardClock(read: () => number = Date.now): () => number {
  let latest = 0
  return () => {
    latest = Math.max(latest, read())
    return latest
  }
}
