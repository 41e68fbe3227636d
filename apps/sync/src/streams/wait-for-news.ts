import { LIMITS } from '../limits.ts'
import type { Page, Readable } from './readable.ts'

/**
 * The next page that has something in it, or the closed end, or after `waitMs` the page as it is then.
 * Undefined when the stream went away meanwhile. News from another server may come late: it is looked for now and then.
 */
export async function pageWithNews(
  stream: Readable,
  from: number,
  waitMs: number,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const look = AbortSignal.any([
      signal,
      AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(deadline - performance.now(), LIMITS.streamLookMs)))),
    ])
    const wait = stream.listen(look)
    const page = await stream.page(from)
    if (page === undefined || page.bytes.length > 0 || page.closed || performance.now() >= deadline || signal.aborted) {
      wait.letGo()
      return page
    }
    await wait.news
  }
}
