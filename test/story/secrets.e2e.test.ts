import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { launchBrowser, newPerson, picture, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { smallRepository } from '../support/repository.ts'
import { conversation, script, sh, signIn, startSession, status } from './steps.ts'

/** Secrets from the page: a provider's key where nobody is signed in, and variables of a workspace. */
const rightKey = 'right-key-0123456789'
let endpoint: ModelEndpoint
let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  endpoint = await startModelEndpoint({ key: rightKey })
  coppice = await RunningCoppice.start({
    repo: await smallRepository(),
    env: { ...keysFor(endpoint), OPENAI_API_KEY: 'wrong-key-0123456789' },
  })
  browser = await launchBrowser()
  mara = await newPerson(browser)
  await signIn(mara.page, coppice.link, 'mara')
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
  await endpoint?.close()
})

test('[C-9, AC-4] a provider that is signed out gets its key from the page, the agent goes on, and the key is never shown', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'secrets-key'))
  await startSession(page, { message: scripted([{ say: 'Good to be here.' }]), provider: 'Coppice Code', mode: 'Chat' })
  await conversation(page).getByText('Nobody is signed in.').waitFor()
  await conversation(page).getByRole('button', { name: 'Set the key' }).click()
  const dialog = page.getByRole('dialog', { name: 'A key for Coppice Code' })
  await dialog.getByLabel('Variable').selectOption('OPENAI_API_KEY')
  await dialog.getByLabel('Value').fill(rightKey)
  await dialog.getByRole('button', { name: 'Set and go on' }).click()
  await dialog.waitFor({ state: 'detached' })
  // The endpoint answers at all only with the right key.
  await conversation(page).getByText('I do what the script in a prompt says').waitFor()
  await status(page, 'Waiting')
  expect(await page.content()).not.toContain(rightKey)
})

test('[AC-4, WS-2] a variable of the workspace is set in the settings, agents have it, and the page shows its name only', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'secrets-variable'))
  await page.goto(new URL('/settings/secrets', page.url()).href)
  const section = page.getByRole('region', { name: /^Secrets of (?!All sessions)/ }).first()
  await section.getByText('OPENAI_API_KEY').waitFor()
  await section.getByRole('textbox', { name: /^Name of a secret/ }).fill('1WRONG')
  await section.getByLabel(/^Value of a secret/).fill('does not matter')
  await section.getByRole('button', { name: 'Set', exact: true }).click()
  await section.getByText('does not begin with a digit').waitFor()
  await section.getByRole('textbox', { name: /^Name of a secret/ }).fill('STAGING_PASSWORD')
  await section.getByLabel(/^Value of a secret/).fill('correct horse battery')
  await section.getByRole('button', { name: 'Set', exact: true }).click()
  await section.getByRole('listitem').filter({ hasText: 'STAGING_PASSWORD' }).getByText('17 to 64 characters').waitFor()
  await expect.poll(() => section.getByLabel(/^Value of a secret/).inputValue()).toBe('')
  await startSession(page, {
    message: script('Try', sh('echo "<$STAGING_PASSWORD>"')),
    provider: 'Script',
    steps: 'Auto',
  })
  await status(page, 'Waiting')
  await conversation(page).getByRole('button', { name: /^Run/ }).first().click()
  await conversation(page).getByText('<[redacted]>').first().waitFor()
  expect(await page.content()).not.toContain('correct horse')
})

test('[AC-4, WS-2] many variables come from a .env text at once, hidden, what is refused is told by name, and only names go out again', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'secrets-import'))
  await page.goto(new URL('/settings/secrets', page.url()).href)
  const section = page.getByRole('region', { name: /^Secrets of (?!All sessions)/ }).first()
  await section.getByText('STAGING_PASSWORD').waitFor()
  await section.getByRole('button', { name: 'Import .env …' }).click()
  const dialog = page.getByRole('dialog', { name: /^Import variables/ })
  const text =
    '# for staging\nSTAGING_PASSWORD="another long value"\nexport API_TOKEN=tok-0123456789\nTINY=abc\nLEFT_OUT=not wanted here\nnonsense'
  await dialog
    .getByLabel('A .env file', { exact: true })
    .setInputFiles({ name: '.env', mimeType: 'text/plain', buffer: Buffer.from(text) })
  await dialog.getByText('Line 6: this is no NAME=value.').waitFor()
  await dialog.getByText('18 characters, replaces what is set').waitFor()
  await dialog.getByRole('checkbox', { name: 'LEFT_OUT' }).uncheck()
  await picture(page, 'secrets-import')
  await dialog.getByRole('button', { name: 'Set 3 variables' }).click()
  await dialog.getByText(/A secret needs at least 8 characters/).waitFor()
  await dialog.getByRole('checkbox', { name: 'TINY' }).uncheck()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await section.getByRole('listitem').filter({ hasText: 'API_TOKEN' }).waitFor()
  const names = await section.getByRole('listitem').locator('code').allInnerTexts()
  expect(names).toEqual(expect.arrayContaining(['API_TOKEN', 'STAGING_PASSWORD']))
  expect(names).not.toEqual(expect.arrayContaining(['TINY']))
  expect(names).not.toEqual(expect.arrayContaining(['LEFT_OUT']))
  const download = page.waitForEvent('download')
  await section.getByRole('button', { name: 'Export names' }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe('env.example')
  const saved = readFileSync(await file.path(), 'utf8')
  expect(saved).toMatch(/^API_TOKEN=$/m)
  expect(saved).not.toContain('tok-')
  expect(await page.content()).not.toContain('tok-0123456789')
  await startSession(page, {
    message: script('Both', sh('echo "${#API_TOKEN} ${#STAGING_PASSWORD}"')),
    provider: 'Script',
    steps: 'Auto',
  })
  await status(page, 'Waiting')
  await conversation(page).getByRole('button', { name: /^Run/ }).first().click()
  await conversation(page).getByText('14 18').first().waitFor()
})
