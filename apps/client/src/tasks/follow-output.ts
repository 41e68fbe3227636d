const RETRY_MS = 2_000

/** How far the reading of a stream is. */
export type OutputState = 'reading' | 'live' | 'ended' | 'away'

/**
 * Reads a stream of the workspace from its begin, and goes on as it grows. The server may go away in between: it goes on
 * where it was.
 * @param signal ends it
 */
export async function followOutput(
  url: string,
  signal: AbortSignal,
  told: { text(text: string): void; state(state: OutputState): void },
): Promise<void> {
  const decoder = new TextDecoder()
  let offset = '-1'
  let upToDate = false
  while (!signal.aborted) {
    const answer: Response | undefined = await fetch(`${url}?offset=${offset}${upToDate ? '&live=long-poll' : ''}`, {
      signal,
    }).catch((error: unknown) => {
      // What fetch throws where there is no answer, or nobody waits for it any more.
      if (error instanceof TypeError || signal.aborted) return undefined
      throw error
    })
    const good = answer?.ok === true
    // An answer that breaks off is asked for again from the same place, as one that never came.
    const bytes = good ? await answer.arrayBuffer().catch(() => undefined) : undefined
    if (signal.aborted) return
    if (!good || bytes === undefined) {
      // Not there yet (the runner makes it with its first bytes), or nobody answers.
      if (answer?.status !== 404) told.state('away')
      upToDate = false
      await pause(RETRY_MS, signal)
      continue
    }
    if (bytes.byteLength > 0) told.text(decoder.decode(bytes, { stream: true }))
    offset = answer.headers.get('stream-next-offset') ?? offset
    upToDate = answer.headers.get('stream-up-to-date') === 'true' || answer.status === 204
    const ended = answer.headers.get('stream-closed') === 'true'
    told.state(ended ? 'ended' : upToDate ? 'live' : 'reading')
    if (ended) return
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
