import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { launchBrowser, newPerson, picture, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { smallRepository } from '../support/repository.ts'
import { composer, conversation, script, sh, signIn, startSession, status } from './steps.ts'

/** Picking files and commands while a message is written. */
let endpoint: ModelEndpoint
let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  coppice = await RunningCoppice.start({ repo: await smallRepository(), env: keysFor(endpoint) })
  browser = await launchBrowser()
  mara = await newPerson(browser)
  await signIn(mara.page, coppice.link, 'mara')
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
  await endpoint?.close()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `pickers-${name}`))
/** The message box, whatever it is at the moment: with a list over it, it is a combobox. */
const box = (): Locator => mara.page.locator('.compose-box textarea')
const list = (name: string): Locator => mara.page.getByRole('listbox', { name })
const written = (text: string): Promise<void> => expect.poll(() => box().inputValue()).toBe(text)
const chosen = (): Locator => mara.page.getByRole('option', { selected: true })

test('[M-7, K-4] after @ the files of the worktree are found while typing, and picked with the keys', async () => {
  pictureOnFailure('files')
  const { page } = mara
  const files = sh(
    'mkdir -p notes && touch "notes/first one.md" notes/second.md hidden.log && echo hidden.log >> .gitignore',
  )
  await startSession(page, { message: script('Make notes', files), mode: 'Chat', steps: 'Auto', provider: 'Script' })
  await conversation(page).getByText('exit 0').waitFor()
  await status(page, 'Waiting')

  await composer(page).pressSequentially('Look at @notes')
  await expect.poll(() => list('Files').getByRole('option').count()).toBe(2)
  const first = await chosen().innerText()
  await expect
    .poll(async () => (await box().getAttribute('aria-activedescendant')) === (await chosen().getAttribute('id')))
    .toBe(true)
  await box().press('ArrowDown')
  await expect.poll(() => chosen().innerText()).not.toBe(first)
  await box().press('Escape')
  await list('Files').waitFor({ state: 'detached' })
  await box().pressSequentially('/fir')
  await list('Files').waitFor({ state: 'detached' })

  await box().fill('')
  await box().pressSequentially('Look at @first')
  await expect.poll(() => chosen().innerText()).toContain('first one.md')
  await box().press('Enter')
  await written('Look at @"notes/first one.md" ')
  await box().pressSequentially('and @second')
  await expect.poll(() => chosen().innerText()).toContain('second.md')
  await box().press('Tab')
  await written('Look at @"notes/first one.md" and @notes/second.md ')

  await box().pressSequentially('@hidden')
  await list('Files').waitFor({ state: 'detached' })
  await box().fill('See @REA')
  await list('Files')
    .getByRole('option', { name: /README/ })
    .click()
  await written('See @README.md ')
  await box().press('Enter')
  await conversation(page).getByText('See @README.md').first().waitFor()
  await written('')
})

test('off line what was told last is still there to be picked, and that is said', async () => {
  pictureOnFailure('offline')
  const { page, context } = mara
  await status(page, 'Waiting')
  await context.setOffline(true)
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await composer(page).pressSequentially('@seco')
  await expect.poll(() => chosen().innerText()).toContain('second.md')
  await page.locator('.picker').getByText('Off line. These are from before.').waitFor()
  await box().press('Enter')
  await written('@notes/second.md ')
  await box().fill('')
  await context.setOffline(false)
  await page.locator('header').getByText('On line').first().waitFor()
})

test('[SL-1, SL-2, K-5] after / stands what the agent says it takes; another provider has other commands', async () => {
  pictureOnFailure('commands')
  const { page } = mara
  await composer(page).pressSequentially('/')
  await page.getByText('This agent has no commands or skills here.').waitFor()
  await box().fill('')
  const message = scripted([{ say: 'I am here.' }])
  await startSession(page, { message, mode: 'Chat', provider: 'Coppice Code' })
  await conversation(page).getByText('I am here.', { exact: true }).waitFor()
  await status(page, 'Waiting')
  await composer(page).pressSequentially('/')
  await list('Commands and skills')
    .getByRole('option', { name: /\/compact/ })
    .waitFor()
  await box().pressSequentially('com')
  await expect.poll(() => chosen().innerText()).toContain('/compact')
  await box().press('Enter')
  await written('/compact ')
  // A sign in the middle of a message is only that.
  await box().fill('in /usr')
  await list('Commands and skills').waitFor({ state: 'detached' })
  await box().fill('')
})

test('nothing on the way complained in the console', () => {
  expect(mara.complaints).toEqual([])
})
