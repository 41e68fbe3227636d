import type { Page } from 'playwright-core'
import { launchOnDisk } from '../../test/support/browser.ts'
import { temporaryFolder, type ServerReady } from './processes.ts'

/** A browser with a profile on the disk, and one page in it. */
export interface Device {
  readonly page: Page
  close(): Promise<void>
}

const FILES =
  'navigator.storage.getDirectory().then(async (root) => { const all = []; for await (const name of root.keys()) all.push(name); return all.join() })'

/** A browser in which nothing is stored. `beforeScripts` runs in each of its pages before anything else. */
export async function emptyDevice(beforeScripts: string): Promise<Device> {
  const { folder, remove } = temporaryFolder()
  const context = await launchOnDisk(folder)
  context.setDefaultTimeout(300_000)
  await context.addInitScript(beforeScripts)
  const close = async (): Promise<void> => {
    await context.close()
    remove()
  }
  return { page: context.pages()[0] ?? (await context.newPage()), close }
}

/** Signs a new device in and waits until its copy of everything stands in its database. Gives how long the fetching took, ms. */
export async function newDevice(ready: ServerReady, beforeScripts: string): Promise<Device & { fetchedMs: number }> {
  const device = await emptyDevice(beforeScripts)
  const { page } = device
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
  return { ...device, fetchedMs }
}
