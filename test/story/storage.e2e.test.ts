import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { fillWorkspace } from '../../bench/support/fill-workspace.ts'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { composer, conversation, online, sendOff, script, sh, startSession, status } from './steps.ts'

const USED = 'navigator.storage.estimate().then(({ usage }) => usage)'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let cdp: CDPSession

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Before it was full', sh('echo before')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
  await kept(mara.page)
  cdp = await mara.context.newCDPSession(mara.page)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

/** Until the device's copy stands on its disk. */
async function kept(page: Page): Promise<void> {
  const marks =
    'navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys())).then((names) => names.filter((name) => name.endsWith(".made")).length)'
  await vi.waitUntil(async () => (await page.evaluate(marks)) === 1, { timeout: 60_000, interval: 300 })
}

/** The browser gives the app so much room from now on, bytes; undefined: as much as it likes. */
async function room(cdp: CDPSession, quotaSize: number | undefined): Promise<void> {
  const origin = new URL(coppice.url).origin
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, ...(quotaSize !== undefined && { quotaSize }) })
}

/** In the page: whether its file system takes a megabyte, which is more than the room it is given. */
const TAKES_A_FILE = `navigator.storage.getDirectory().then(async (root) => {
  const file = await root.getFileHandle('probe', { create: true })
  try {
    const stream = await file.createWritable()
    await stream.write(new Uint8Array(1_000_000))
    await stream.close()
    return true
  } catch (error) {
    if (error.name === 'QuotaExceededError') return false
    throw error
  } finally {
    await root.removeEntry('probe')
  }
})`

/** In the page: whether IndexedDB takes a value. The browser allots it room for half a minute at a time. */
const TAKES = `new Promise((resolve) => {
  const opening = indexedDB.open('probe', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('values', { autoIncrement: true })
  opening.onerror = () => resolve(false)
  opening.onsuccess = () => {
    const transaction = opening.result.transaction('values', 'readwrite')
    transaction.objectStore('values').add('a value')
    transaction.oncomplete = () => resolve(true)
    transaction.onabort = () => resolve(false)
    opening.result.close()
  }
})`

const sessionLink = (page: Page, name: string) =>
  page
    .locator('nav[aria-label="Sessions"] a')
    .filter({ has: page.getByText(name, { exact: true }) })
    .first()

/** Opens session after session, which fetches its messages and keeps them, until it is enough. */
async function openUntil(page: Page, enough: () => Promise<boolean>): Promise<void> {
  for (let session = 19; session >= 0 && !(await enough()); session -= 1) {
    await sessionLink(page, `Session ${session}`).click({ timeout: 60_000 })
    await page
      .getByText(`Message ${session * 90} `)
      .first()
      .waitFor({ timeout: 60_000 })
  }
  await vi.waitUntil(enough, { timeout: 60_000, interval: 300 })
  await sessionLink(page, 'Before it was full').click()
}

const full = (page: Page) => page.getByText('This device has no room left for its copy.')

test(
  '[LF-11] the device is full: it is said, everything goes on from the server, and with room again the copy is whole',
  { timeout: 300_000 },
  async () => {
    const { page } = mara
    onTestFailed(() => picture(page, 'storage-full'))
    await room(cdp, Number(await page.evaluate(USED)) + 100_000)
    await vi.waitUntil(async () => !(await page.evaluate(TAKES_A_FILE)), { timeout: 90_000, interval: 1_000 })
    const ready = { url: coppice.url, ownerToken: coppice.ownerToken, runnerId: '00000000-0000-7000-8000-000000000000' }
    await fillWorkspace(ready, 20, 90, (n) => `Message ${n} ${'what is to be done, and why. '.repeat(300)}`)
    await openUntil(page, () => full(page).isVisible())
    await online(page)
    await conversation(page).getByText('Before it was full').first().waitFor()
    await sessionLink(page, 'Session 19').waitFor({ timeout: 60_000 })

    await room(cdp, undefined)
    await page.reload()
    await online(page)
    await kept(page)
    await expect.poll(() => full(page).isVisible()).toBe(false)
    await page.goto(`${coppice.url}/settings`)
    await page.getByText('a copy of your workspaces is kept here').waitFor()
  },
)

test('[LF-11, LF-3] an action that cannot be kept is refused with its reason, and what was written stays in its field', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'storage-outbox'))
  await page.goto(`${coppice.url}/`)
  await sessionLink(page, 'Before it was full').click()
  await online(page)
  await room(cdp, 1)
  await vi.waitUntil(async () => !(await page.evaluate(TAKES)), { timeout: 60_000, interval: 1_000 })
  const text = `a long thought ${'that has no place here '.repeat(2_000)}`
  await sendOff(page, text)
  await page.getByText('This device could not keep it').first().waitFor()
  await expect.poll(() => composer(page).inputValue()).toBe(text)
  await room(cdp, undefined)
  await vi.waitUntil(() => page.evaluate(TAKES), { timeout: 60_000, interval: 1_000 })
  await composer(page).fill('a short one, with room again')
  await composer(page).press('Enter')
  await conversation(page).getByText('a short one, with room again').first().waitFor()
})

test('[LF-11] a device that the browser has emptied while it was closed is filled again from the server', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'storage-evicted'))
  const session = new URL(page.url()).pathname
  await page.goto('about:blank')
  const storageTypes = 'file_systems,indexeddb,local_storage,service_workers,cache_storage'
  await cdp.send('Storage.clearDataForOrigin', { origin: coppice.url, storageTypes })
  await page.goto(`${coppice.url}${session}`)
  await online(page)
  await conversation(page).getByText('Before it was full').first().waitFor()
  await kept(page)
})

test('[LF-11] where the browser gives the page no room at all it is said, and it works on line', async () => {
  const { page, context } = await newPerson(browser)
  onTestFailed(() => picture(page, 'storage-none'))
  await context.addCookies(await mara.context.cookies())
  const own = await context.newCDPSession(page)
  await page.goto(`${coppice.url}/join/none`)
  await room(own, 1)
  await page.goto(`${coppice.url}/`)
  await page.getByText('Nothing is kept on this device.').waitFor({ timeout: 60_000 })
  await online(page)
  await sessionLink(page, 'Before it was full').click()
  await conversation(page).getByText('Before it was full').first().waitFor()
  await context.close()
})
