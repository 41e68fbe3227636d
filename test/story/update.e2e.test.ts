import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newDevice, type Device } from '../../bench/support/device.ts'
import { fillWorkspace } from '../../bench/support/fill-workspace.ts'
import { startCoppice, temporaryFolder } from '../../bench/support/processes.ts'
import { picture } from '../support/browser.ts'
import { olderClient } from '../support/older-client.ts'
import { composer, online } from './steps.ts'

const MARKS =
  'navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys())).then((names) => names.filter((name) => name.endsWith(".made")))'

let data: ReturnType<typeof temporaryFolder>
let server: Awaited<ReturnType<typeof startCoppice>>
let device: Device

/** A device that keeps a copy made by the version before, and a server that brings the new one. */
beforeAll(async () => {
  data = temporaryFolder()
  const older = await olderClient()
  server = await startCoppice(data.folder, { client: older.folder })
  await fillWorkspace(server.ready, 30, 20, (n) => `Message ${n % 20} of session${Math.floor(n / 20)}`)
  device = await newDevice(server.ready, '')
  await server.stop()
  server = await startCoppice(data.folder, { port: Number(new URL(server.ready.url).port) })
  await older.remove()
})

afterAll(async () => {
  await device?.close()
  await server?.stop()
  data.remove()
})

const marks = async (page: Page): Promise<readonly string[]> => (await page.evaluate(MARKS)) as readonly string[]

const session = (page: Page, name: string) =>
  page.locator('nav[aria-label="Sessions"] a[href^="/session/"]').filter({ hasText: name }).first()

async function searchFinds(page: Page, text: string): Promise<number> {
  await page.getByRole('link', { name: 'Search', exact: true }).first().click()
  const field = page.getByRole('combobox', { name: 'Search the history' })
  // Emptied first, so that it is asked anew each time.
  await field.fill('')
  await field.fill(`"${text}" `)
  await page.locator(`#hits[data-text='"${text}" ']`).waitFor({ state: 'attached' })
  return page.getByRole('option').count()
}

test('[LF-7, LF-10, SY-9] an update with the network cut: all that was kept by the older code is read, searched and answered, and later kept by the new', async () => {
  const { page } = device
  const context: BrowserContext = page.context()
  onTestFailed(() => picture(page, 'update'))
  const [before] = await marks(page)
  await page.goto(`${server.ready.url}/`)
  const update = page.getByRole('button', { name: 'Update' })
  await update.waitFor()
  await context.setOffline(true)
  const loaded = page.waitForEvent('load')
  await update.click()
  await loaded

  await session(page, 'Session 7').click()
  await page.getByRole('list', { name: 'Queued messages' }).getByText('Message 19 of session7').waitFor()
  await composer(page).fill('written before it was on line')
  await composer(page).press('Enter')
  await page.getByText('written before it was on line').first().waitFor()
  await expect.poll(() => searchFinds(page, 'of session11')).toBe(20)

  // The tab is closed before the new copy can be trusted: what the older code kept is still there, or the new is whole.
  await page.goto(`${server.ready.url}/`)
  await session(page, 'Session 3').click()
  await page.getByRole('list', { name: 'Queued messages' }).getByText('Message 0 of session3').waitFor()

  await context.setOffline(false)
  await online(page)
  await expect.poll(() => marks(page), { timeout: 60_000 }).not.toEqual([before])
  await expect.poll(() => marks(page)).toHaveLength(1)
  await page.goto(`${server.ready.url}/settings`)
  await page.getByText('a copy of your workspaces is kept here').waitFor()
  await expect.poll(() => searchFinds(page, 'of session29')).toBe(20)
  await expect.poll(() => searchFinds(page, 'written before it was on line')).toBe(1)
})
