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
  coppice = await RunningCoppice.start({
    repo: await smallRepository(),
    env: { ...keysFor(endpoint), COPPICE_CLAUDE_BIN: '/nowhere/claude' },
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

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `coppice-code-${name}`))

test('[S-13, S-14] the form offers every provider: one that is not there is greyed with what to do, a chosen one has its own models', async () => {
  pictureOnFailure('form')
  const { page } = mara
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  await page.getByRole('dialog', { name: 'New' }).getByText('New session', { exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'New session' })
  const providers = dialog.getByRole('radiogroup', { name: 'Provider' }).getByRole('radio')
  const names = ['Coppice Code', 'Claude Code', 'Gemini CLI', 'OpenCode', 'Kilo CLI', 'Codex', 'Qwen Code', 'Script']
  for (const name of names) await providers.filter({ hasText: name }).waitFor()
  const missing = providers.filter({ hasText: 'Claude Code' })
  await missing.getByText('npm install -g @agentclientprotocol/claude-agent-acp').waitFor()
  await expect.poll(() => missing.getAttribute('aria-disabled')).toBe('true')
  await providers.filter({ hasText: 'Coppice Code' }).click()
  const models = async () =>
    (await dialog.getByLabel('Model').locator('option').allInnerTexts()).map((name) => name.trim())
  await expect.poll(models).toEqual(['test-1', 'test-2'])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})

test('[D-1] a session with Coppice Code: it edits after Allow, its change and its words stand in the conversation', async () => {
  pictureOnFailure('edit')
  const { page } = mara
  const steps = [
    { read: 'README.md' },
    { edit: { path: 'README.md', old: '# Small', new: '# Smaller' } },
    { say: 'The title is changed.' },
  ]
  await startSession(page, { message: scripted(steps), provider: 'Coppice Code', mode: 'Chat' })
  await approval(page).waitFor()
  await expect.poll(() => approval(page).innerText()).toContain('# Smaller')
  await allow(page)
  await conversation(page).getByText('The title is changed.', { exact: true }).waitFor()
  await status(page, 'Waiting')
  await expect.poll(() => conversation(page).innerText()).toMatch(/Edit\s+README\.md/)
})

test('[M-4] Interrupt ends what it runs, with its children, and the next message is answered', async () => {
  pictureOnFailure('stop')
  const { page } = mara
  await page.locator('.composer').getByRole('radio', { name: 'Auto' }).click()
  const mark = `sleep 95${Date.now() % 1000}`
  await say(page, scripted([{ run: `${mark} & ${mark}` }]))
  await expect.poll(async () => (await processesWith(mark)).length, { timeout: 60_000 }).toBeGreaterThan(1)
  await page.getByRole('button', { name: 'Interrupt' }).click()
  await status(page, 'Waiting')
  await conversation(page)
    .getByText(/Stopped/i)
    .first()
    .waitFor()
  await expect.poll(() => processesWith(mark)).toEqual([])
  // A message that comes after a stop lets the queue go on.
  await say(page, scripted([{ say: 'I am back.' }]))
  await conversation(page).getByText('I am back.', { exact: true }).waitFor()
})

test('[S-21] the provider changes between turns, and the new one is handed the conversation', async () => {
  pictureOnFailure('change')
  const { page } = mara
  await startSession(page, { message: 'The secret word is plum.', provider: 'Script', mode: 'Chat' })
  await status(page, 'Waiting')
  const panel = page.locator('aside[aria-label="Session panel"]')
  await panel.getByRole('button', { name: 'Change provider' }).click()
  const dialog = page.getByRole('dialog', { name: 'Provider and model' })
  await dialog.getByRole('radio', { name: /Coppice Code/ }).click()
  await dialog.getByLabel('Model').selectOption('openai/test-2')
  await dialog.getByRole('button', { name: 'Change' }).click()
  await panel.getByText('openai/test-2').waitFor()
  await say(page, scripted([{ say: 'I take over.' }]))
  await conversation(page).getByText('I take over.', { exact: true }).waitFor()
  const request = JSON.stringify(endpoint.requests.at(-1))
  expect(request).toContain('The secret word is plum.')
  expect(request).toContain('"model":"test-2"')
})

test('a key that is not taken, a limit and a full context are states with a way out', async () => {
  pictureOnFailure('trouble')
  const { page } = mara
  await say(page, scripted([{ fail: 401, times: 1, message: 'this key is not known', say: 'The key works now.' }]))
  await conversation(page).getByText('Nobody is signed in.').waitFor()
  await conversation(page)
    .getByText(/this key is not known/)
    .last()
    .waitFor()
  await page.getByRole('button', { name: 'Other provider' }).click()
  await page.getByRole('dialog', { name: 'Provider and model' }).getByRole('button', { name: 'Cancel' }).click()
  const limited = { fail: 429, times: 1, message: 'enough for today', headers: { 'retry-after': '3600' }, say: 'Back.' }
  await say(page, scripted([limited]))
  await conversation(page)
    .getByText(/It goes on by itself at \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    .waitFor()
  await page.getByRole('button', { name: 'Interrupt' }).click()
  await status(page, 'Waiting')
  const full = { fail: 400, times: 2, message: 'prompt is too long', say: 'There is room again.' }
  endpoint.asides.push({ fail: 400, message: 'prompt is too long' }, { say: 'Notes on what was said.' })
  await say(page, scripted([full]))
  await conversation(page).getByText('The context is full.').waitFor()
  await page.getByRole('button', { name: 'Compact' }).click()
  await conversation(page)
    .getByText(/Summarise the conversation/)
    .last()
    .waitFor()
  await status(page, 'Waiting')
})

test('nothing on the way complained in the console', () => {
  expect(mara.complaints).toEqual([])
})
