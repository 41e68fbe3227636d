/** A page that nobody sees is never painted: what waits for that goes on after so long. */
const UNSEEN_MS = 250

/** Settles when the browser has painted the next frame. */
export function nextPaint(): Promise<void> {
  return new Promise((resolve) => {
    const unseen = setTimeout(resolve, UNSEEN_MS)
    requestAnimationFrame(() => {
      clearTimeout(unseen)
      // A task of its own begins after the frame is on the screen.
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve()
      port2.postMessage(0)
    })
  })
}
