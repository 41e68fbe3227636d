import type { Browser, Page } from 'playwright-core'
import type { ServerReady } from './processes.ts'

const FILES =
  'navigator.storage.getDirectory().then(async (root) => { const all = []; for await (const name of root.keys()) all.push(name); return all.join() })'

/** Signs a new device in and waits until its copy of everything stands in its database. Gives how long the fetching took, ms. */
export async function newDevice(
  browser: Browser,
  ready: ServerReady,
  beforeScripts = '',
): Promise<{ page: Page; fetchedMs: number }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(300_000)
  if (beforeScripts !== '') await context.addInitScript(beforeScripts)
  const page = await context.newPage()
  const { link } = ready as ServerReady & { link: string }
  const begun = performance.now()
  await page.goto(link)
  await page.getByLabel('Name').fill('Bench')
  await page.getByRole('button').first().click()
  await page.locator('header').getByText('On line').first().waitFor()
  const fetchedMs = performance.now() - begun
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  while (!String(await page.evaluate(FILES)).includes('.made')) await page.waitForTimeout(200)
  await page.goto(`${ready.url}/settings`)
  await page.getByText('a copy of your workspaces is kept here').waitFor()
  await page.locator('header').getByText('On line').first().waitFor()
  return { page, fetchedMs }
}
