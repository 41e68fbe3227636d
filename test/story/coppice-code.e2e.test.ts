import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { launchBrowser, newPerson, picture, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { processesWith } from '../support/processes.ts'
import { smallRepository } from '../support/repository.ts'
import { allow, approval, conversation, say, signIn, startSession, status } from './steps.ts'

/** Coppice's own agent in the browser, with a model that does what the prompt says. */
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

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `coppice-code-${name}`))

test('[S-13, D-1] a session with Coppice Code: it edits after Allow, its change and its words stand in the conversation', async () => {
  pictureOnFailure('edit')
  const { page } = mara
  const steps = [
    { read: 'README.md' },
    { edit: { path: 'README.md', old: '# Small', new: '# Smaller' } },
    { say: 'The title is changed.' },
  ]
  await startSession(page, { message: scripted(steps), provider: 'Coppice Code', mode: 'Chat' })
  await approval(page).waitFor()
  expect(await approval(page).innerText()).toContain('# Smaller')
  await allow(page)
  await conversation(page).getByText('The title is changed.', { exact: true }).waitFor()
  await status(page, 'Waiting')
  expect(await conversation(page).innerText()).toMatch(/Edit\s+README\.md/)
})

test('[M-4] Interrupt ends what it runs, with its children, and the next message is answered', async () => {
  pictureOnFailure('stop')
  const { page } = mara
  await page.locator('.composer').getByRole('radio', { name: 'Auto' }).click()
  const mark = `sleep 95${Date.now() % 1000}`
  await say(page, scripted([{ run: `${mark} & ${mark}` }]))
  await expect.poll(async () => (await processesWith(mark)).length, { timeout: 15_000 }).toBeGreaterThan(1)
  await page.getByRole('button', { name: 'Interrupt' }).click()
  await status(page, 'Waiting')
  await conversation(page)
    .getByText(/Stopped/i)
    .first()
    .waitFor()
  expect(await processesWith(mark)).toEqual([])
  // A message that comes after a stop lets the queue go on.
  await say(page, scripted([{ say: 'I am back.' }]))
  await conversation(page).getByText('I am back.', { exact: true }).waitFor()
})

test('nothing on the way complained in the console', () => {
  expect(mara.complaints).toEqual([])
})
