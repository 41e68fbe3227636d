/** A page that nobody sees is never painted: what waits for that goes on after so long. */
const UNSEEN_MS = 250
/** A page that is never idle is not waited for any longer once it was painted. */
const BUSY_MS = 100

/** Settles when the browser has painted the next frame, and what that one led to. */
export function nextPaint(): Promise<void> {
  return new Promise((resolve) => {
    const unseen = setTimeout(resolve, UNSEEN_MS)
    requestAnimationFrame(() => {
      clearTimeout(unseen)
      // Rows are measured once they are on the screen, and put right in the frame after it. Safari does not tell when that is over.
      if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: BUSY_MS })
      else setTimeout(resolve, BUSY_MS / 2)
    })
  })
}
