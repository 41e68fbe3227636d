import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { online, say, script, sendOff, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Before', sh('echo before')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

/** How often each of these texts stands in what people wrote. */
async function timesWritten(page: Page, texts: readonly string[]): Promise<number[]> {
  await page.getByRole('link', { name: 'Search', exact: true }).first().click()
  const field = page.getByRole('combobox', { name: 'Search the history' })
  const times: number[] = []
  for (const text of texts) {
    await field.fill(`"${text}" `)
    await page.locator(`#hits[data-text='"${text}" ']`).waitFor({ state: 'attached' })
    times.push(await page.getByRole('option').filter({ hasText: 'Message' }).count())
  }
  return times
}

test('[LF-6] the leading tab is killed in a flood of clicks: each one that was taken arrives, once', async () => {
  const { page, context } = mara
  const second = await context.newPage()
  onTestFailed(() => picture(second, 'tabs-killed'))
  await second.goto(page.url())
  await online(second)
  const taken: string[] = []
  const flood = (async () => {
    for (let n = 0; n < 40; n += 1) {
      const text = `flood word${n} end`
      await sendOff(page, text)
      // Shown, so this device has promised to keep it.
      await page.getByText(text).first().waitFor()
      taken.push(text)
    }
  })().catch(() => 'the tab is dead')
  await expect.poll(() => taken.length, { timeout: 60_000, interval: 10 }).toBeGreaterThan(5)
  const cdp = await context.newCDPSession(page)
  await Promise.race([
    cdp.send('Page.crash').catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 500)),
  ])
  expect(taken.length).toBeLessThan(40)
  await page.close()
  await flood
  await online(second)
  await expect.poll(() => timesWritten(second, taken), { timeout: 150_000 }).toEqual(taken.map(() => 1))
  mara = { ...mara, page: second }
})

/** Keeps a page's worker from answering anybody, as a tab does that the browser put to sleep; its locks and files stay its own. */
async function sleep(page: Page, ms: number): Promise<void> {
  const worker = page.workers().find((one) => one.url().includes('worker'))
  if (!worker) throw new Error('The page has no worker.')
  await worker.evaluate((until) => {
    while (Date.now() < until);
  }, Date.now() + ms)
}

test('[LF-6] a leading tab that sleeps is noticed: the visible one takes over, and both go on when it wakes', async () => {
  const { page, context } = mara
  const session = await page.evaluate<string>(
    `document.querySelector('nav[aria-label="Sessions"] a[href^="/session/"]').getAttribute('href')`,
  )
  await page.goto(`${coppice.url}${session}`)
  await online(page)
  const second = await context.newPage()
  onTestFailed(() => picture(second, 'tabs-asleep'))
  await second.goto(page.url())
  await online(second)
  let awake = false
  const sleeping = sleep(page, 90_000).then(() => (awake = true))
  await second.bringToFront()
  await say(second, 'written while the leader sleeps')
  await second.getByText('written while the leader sleeps').first().waitFor({ timeout: 85_000 })
  await online(second)
  expect(awake).toBe(false)
  await sleeping
  await page.getByText('written while the leader sleeps').first().waitFor({ timeout: 60_000 })
  await say(page, 'written after waking')
  await second.getByText('written after waking').first().waitFor({ timeout: 60_000 })
  const texts = ['written while the leader sleeps', 'written after waking']
  await expect.poll(() => timesWritten(second, texts), { timeout: 60_000 }).toEqual([1, 1])
})
