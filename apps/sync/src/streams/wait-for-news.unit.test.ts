import { expect, onTestFinished, test, vi } from 'vitest'
import type { Page, Readable } from './readable.ts'
import { pageWithNews } from './wait-for-news.ts'

test('[RL-4] a long poll ends in its time when the clock is set back meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const nothing: Page = { bytes: new Uint8Array(0), next: 0, tail: 0, closed: false }
  let looks = 0
  const silent: Pick<Readable, 'listen' | 'page'> = {
    listen: (signal) => ({
      news: new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
      letGo: () => undefined,
    }),
    page: async () => {
      looks += 1
      vi.setSystemTime(Date.now() - 3_600_000)
      return nothing
    },
  }
  const page = await pageWithNews(silent as Readable, 0, 100, new AbortController().signal)
  expect(page).toEqual(nothing)
  expect(looks).toBeGreaterThan(1)
})
