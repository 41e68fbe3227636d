/**
 * PF-5, smaller: a replica of 10,000 events in Chromium. From navigation to the list on the screen, and to a session
 * open and readable; with the server there and with the network cut. The baseline is a page of the same server without
 * script. Needs Chromium and the built web app.
 */
import type { Page } from 'playwright-core'
import { launchBrowser } from '../test/support/browser.ts'
import { newDevice } from './support/device.ts'
import { judge, median } from './support/figures.ts'
import { fillWorkspace } from './support/fill-workspace.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const SESSIONS = 100
const MESSAGES_EACH = 98
const ROUNDS = 5
const LIST_BAR_MS = 300
const OPEN_BAR_MS = 2_000

/** Notes when the list is on the screen, in the page's own clock, which starts with the navigation. */
const WATCH = `new MutationObserver(() => {
  if (window.listAt === undefined && document.querySelector('nav[aria-label="Sessions"] a[href^="/session/"], nav[aria-label="Sessions"] [data-session]')) window.listAt = performance.now()
}).observe(document, { childList: true, subtree: true })`

async function measure(page: Page, url: string): Promise<{ list: number; open: number }> {
  await page.goto(url)
  const list = Number(await (await page.waitForFunction('window.listAt')).jsonValue())
  await page
    .locator('nav[aria-label="Sessions"]')
    .getByText(/^Session \d+$/)
    .first()
    .click()
  await page
    .getByRole('list', { name: 'Queued messages' })
    .getByText(/Message 0:/)
    .waitFor()
  return { list, open: Number(await page.evaluate('performance.now()')) }
}

const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const browser = await launchBrowser()
try {
  const text = (n: number): string => `Message ${n % MESSAGES_EACH}: ${'what is to be done, and why. '.repeat(4)}`
  await fillWorkspace(server.ready, SESSIONS, MESSAGES_EACH, text)
  const { page, fetchedMs } = await newDevice(browser, server.ready, WATCH)
  const context = page.context()
  context.setDefaultTimeout(60_000)
  process.stdout.write(`new device, everything fetched: ${Math.round(fetchedMs)} ms\n`)

  const bare: number[] = []
  const connected = { list: [] as number[], open: [] as number[] }
  const cutOff = { list: [] as number[], open: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    await context.setOffline(false)
    await page.goto(`${server.ready.url}/join/none`)
    bare.push(Number(await page.evaluate('performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd')))
    for (const [figures, offline] of [
      [connected, false],
      [cutOff, true],
    ] as const) {
      await context.setOffline(offline)
      const { list, open } = await measure(page, server.ready.url)
      figures.list.push(list)
      figures.open.push(open)
    }
  }
  process.stdout.write(`bare page of the same server: ${Math.round(median(bare))} ms\n`)
  for (const [name, { list, open }] of [
    ['on line', connected],
    ['off line', cutOff],
  ] as const) {
    judge(`PF-5 list painted, ${name}`, median(list), { atMost: LIST_BAR_MS }, 'ms')
    judge(`PF-5 session open and readable, ${name}`, median(open), { atMost: OPEN_BAR_MS }, 'ms')
    process.stdout.write(
      `  list ${(median(list) / median(bare)).toFixed(1)}x, session ${(median(open) / median(bare)).toFixed(1)}x the bare page\n`,
    )
  }
} finally {
  await browser.close()
  await server.stop()
  remove()
}
