import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, online, say, script, sh, startSession, status } from './steps.ts'

const DOT = {
  name: 'dot.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}
const PAPER = { name: 'notes.pdf', mimeType: 'application/pdf' }

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Before the cut', sh('echo before')), steps: 'Auto' })
  await conversation(mara.page).getByText('exit 0').waitFor()
  await status(mara.page, 'Waiting')
  await serviceWorkerReady(mara.page)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string, page: Page = mara.page): void =>
  onTestFailed(() => picture(page, `offline-${name}`))

async function serviceWorkerReady(page: Page): Promise<void> {
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  // A new device makes its database behind the scenes; before that nothing can be read without the server.
  const onDisk =
    'navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys())).then((names) => names.some((name) => name.endsWith(".made")))'
  const deadline = Date.now() + 60_000
  while (!(await page.evaluate(onDisk))) {
    if (Date.now() > deadline) throw new Error('The database was never made.')
    await page.waitForTimeout(300)
  }
  // A service worker takes over pages that load after it is there.
  await page.reload()
  await online(page)
}

/** How often a text stands in the server's log, asked over a fresh connection. */
async function timesSaid(page: Page, text: string): Promise<number> {
  return (await conversation(page).innerText()).split(text).length - 1
}

test('[LF-1, LF-2, LF-3] with the network cut everything here can be read, and a message waits, marked; back on line it arrives once', async () => {
  pictureOnFailure('write')
  const { page, context } = mara
  await context.setOffline(true)
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await conversation(page).getByText('echo before').last().waitFor()
  await say(page, script('While away', sh('echo away')))
  await page
    .getByText(/1 waiting/)
    .first()
    .waitFor()
  await page.getByText('While away').first().waitFor()
  await context.setOffline(false)
  await online(page)
  await conversation(page).getByText('echo away').last().waitFor()
  await status(page, 'Waiting')
  expect(await timesSaid(page, 'While away')).toBeLessThanOrEqual(2)
  const other = await newPerson(browser)
  await other.context.addCookies(await context.cookies())
  await other.page.goto(page.url())
  await conversation(other.page).getByText('echo away').last().waitFor()
  expect(await other.page.getByRole('article').filter({ hasText: 'While away' }).count()).toBeLessThanOrEqual(2)
  await other.context.close()
})

test('[LF-10, UX-5] the app loads with the server gone: list, conversation, and what was written meanwhile', async () => {
  pictureOnFailure('load')
  const { page, context } = mara
  await context.setOffline(true)
  await page.reload()
  await page.locator('nav[aria-label="Sessions"]').getByText('Before the cut').waitFor()
  await conversation(page).getByText('echo before').last().waitFor()
  await say(page, script('Written off line, before a reload', sh('echo reloaded')))
  await page
    .getByText(/1 waiting/)
    .first()
    .waitFor()
  await page.reload()
  await page.getByText('Written off line, before a reload').first().waitFor()
  await context.setOffline(false)
  await online(page)
  await conversation(page).getByText('echo reloaded').last().waitFor()
  await status(page, 'Waiting')
})

test('[LF-2, M-5] a picture attached off line waits through a reload, arrives with its message, and the other person sees it', async () => {
  pictureOnFailure('attach')
  const { page, context } = mara
  await context.setOffline(true)
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await page.getByLabel('Files to attach').setInputFiles([DOT, { ...PAPER, buffer: Buffer.from('%PDF-1.7 notes') }])
  // A size is said once the bytes are kept.
  await page.getByRole('list', { name: 'Attached files' }).getByText('70 B').waitFor()
  await page.getByRole('list', { name: 'Attached files' }).getByText('14 B').waitFor()
  await page.reload()
  // Chosen files are there after a reload like the draft, and the picture is shown from this device.
  await page.getByRole('button', { name: `Remove ${PAPER.name}` }).waitFor()
  await expect.poll(() => pixels(page, '.chosen-files img')).toBe(1)
  await say(page, script('A picture for you', sh('echo pictured')))
  await page
    .getByText(/1 waiting/)
    .first()
    .waitFor()
  await page.reload()
  await page
    .getByText(/A picture for you/)
    .first()
    .waitFor()
  await context.setOffline(false)
  await online(page)
  await conversation(page).getByText('echo pictured').last().waitFor()
  await status(page, 'Waiting')

  const other = await newPerson(browser)
  await other.context.addCookies(await context.cookies())
  await other.page.goto(page.url())
  await conversation(other.page)
    .getByRole('button', { name: `Open ${DOT.name}` })
    .waitFor()
  await expect.poll(() => pixels(other.page, '.message-files img')).toBe(1)
  await conversation(other.page)
    .getByRole('button', { name: `Open ${DOT.name}` })
    .click()
  await other.page.getByRole('dialog', { name: DOT.name }).getByRole('img', { name: DOT.name }).waitFor()
  await other.page.keyboard.press('Escape')
  const download = other.page.waitForEvent('download')
  await conversation(other.page).getByTitle(`Download ${PAPER.name}`).click()
  expect((await download).suggestedFilename()).toBe(PAPER.name)
  expect(await readFile(await (await download).path(), 'utf8')).toBe('%PDF-1.7 notes')
  expect(other.complaints).toEqual([])
  await other.context.close()
})

/** How wide the first picture there really is; 0 while it has not come. */
const pixels = (page: Page, selector: string): Promise<number> =>
  page
    .locator(selector)
    .first()
    .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)

test('[UX-5] it can be installed: a manifest with a name, icons and a start address, and a service worker', async () => {
  const { page } = mara
  const address = await page.locator('link[rel="manifest"]').getAttribute('href')
  const answer = await page.request.get(new URL(address ?? '', coppice.url).href)
  const manifest = (await answer.json()) as { icons: { src: string }[] }
  expect(manifest).toMatchObject({ name: 'Coppice', display: 'standalone' })
  for (const icon of manifest.icons)
    expect((await page.request.get(new URL(icon.src, coppice.url).href)).status()).toBe(200)
  expect(await page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true)
})

test('[LF-6] two tabs share one replica; when the leading tab closes in mid-write nothing is lost', async () => {
  const { page, context } = mara
  const second = await context.newPage()
  pictureOnFailure('tabs', second)
  await second.goto(page.url())
  await online(second)
  await context.setOffline(true)
  await second
    .getByText(/Off line/)
    .first()
    .waitFor()
  await say(second, script('From the second tab', sh('echo second-tab')))
  await say(page, script('From the leading tab', sh('echo leading-tab')))
  await page
    .getByText(/2 waiting/)
    .first()
    .waitFor()
  await page.close()
  await second
    .getByText(/2 waiting/)
    .first()
    .waitFor()
  await context.setOffline(false)
  await online(second)
  await conversation(second).getByText('echo leading-tab').last().waitFor()
  await conversation(second).getByText('echo second-tab').last().waitFor()
  await status(second, 'Waiting')
})
