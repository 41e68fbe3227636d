import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, openTab, script, sh, startSession, status } from './steps.ts'

const run = promisify(execFile)
const PATIENCE = { timeout: 60_000 }

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let desk: string

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  desk = await mkdtemp(path.join(tmpdir(), 'coppice-desk-'))
  await writeFile(path.join(desk, 'ide'), `#!/bin/sh\nprintf %s "$1" > ${desk}/opened\n`)
  await chmod(path.join(desk, 'ide'), 0o755)
  await startSession(mara.page, { message: script('Begin', sh('echo one > one.txt')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
  await rm(desk, { recursive: true, force: true })
})

const block = (page: Page): Locator => page.getByRole('group', { name: 'Continue this session in your local IDE' })

/** The Bash command of an operation, copied out of its dialog, and run in a folder. */
async function paste(page: Page, operation: 'Open in IDE' | 'Upload from IDE', cwd: string): Promise<string> {
  await block(page).getByRole('button', { name: operation, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: operation })
  const command = dialog.getByLabel('Bash command', { exact: true })
  await expect.poll(() => command.textContent(), PATIENCE).toContain('COPPICE_TOKEN')
  const line = (await command.textContent()) ?? ''
  await expect
    .poll(() => dialog.getByLabel('PowerShell command', { exact: true }).textContent(), PATIENCE)
    .toContain('| iex')
  await picture(page, `ide-${operation.split(' ')[0] ?? ''}`)
  await dialog.getByRole('button', { name: 'Done' }).click()
  const env = { PATH: process.env['PATH'] ?? '', HOME: desk, COPPICE_IDE: path.join(desk, 'ide') }
  return (await run('bash', ['-c', line], { cwd, env })).stdout
}

test('[I-1] [I-2] [I-3] [I-6] [I-31] [I-32] a session is opened in a local editor, changed there, uploaded, and confirmed in the browser', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'ide-failed'))
  for (const name of ['Open in IDE', 'Upload from IDE', 'Pull from IDE (Remote)'])
    await block(page).getByRole('button', { name, exact: true }).waitFor()
  await block(page).getByText('Which way when').click()
  await block(page).getByText('Commits with their history').waitFor()
  expect(await paste(page, 'Open in IDE', desk)).toContain('Opened in')
  const clone = await readFile(path.join(desk, 'opened'), 'utf8')
  expect(await readFile(path.join(clone, 'one.txt'), 'utf8')).toBe('one\n')
  await conversation(page).getByText('IDE: downloaded session changes (1 file).').waitFor(PATIENCE)

  await writeFile(path.join(clone, 'one.txt'), 'one, from my desk\n')
  await writeFile(path.join(clone, 'two.txt'), 'two\n')
  const worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  // The browser is on the machine of the runner here: the worktree itself can be opened.
  const itself = block(page).getByRole('link', { name: 'Open in editor' })
  await expect.poll(() => itself.getAttribute('href'), PATIENCE).toBe(`vscode://file${worktree}`)
  await writeFile(path.join(worktree, 'one.txt'), 'one, from the session\n')
  expect(await paste(page, 'Upload from IDE', clone)).toContain('Confirm it in the session')
  await block(page).getByRole('button', { name: 'Look and confirm' }).click()
  const dialog = page.getByRole('dialog', { name: 'Apply what you have uploaded?' })
  await dialog
    .getByRole('list', { name: /^Overwritten/ })
    .getByText('one.txt')
    .waitFor()
  await dialog.getByRole('list', { name: 'Changed' }).getByText('two.txt').waitFor()
  await picture(page, 'ide-confirm')
  expect(await readFile(path.join(worktree, 'one.txt'), 'utf8')).toBe('one, from the session\n')
  await dialog.getByRole('button', { name: 'Apply 2 changes' }).click()
  await conversation(page).getByText('IDE: uploaded changes (2 files).').waitFor(PATIENCE)
  expect(await readFile(path.join(worktree, 'one.txt'), 'utf8')).toBe('one, from my desk\n')
  await openTab(page, 'Git')
  await expect.poll(() => page.getByRole('button', { name: /IDE/ }).count(), PATIENCE).toBe(0)
})

test('[I-7] [I-23] the pull menu has its two; an upload that is dismissed changes nothing and says nothing', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'ide-dismissed'))
  await page.getByRole('button', { name: 'Pull into this session' }).click()
  const items = async () => (await page.getByRole('menuitem').allInnerTexts()).map((one) => one.split('\n')[0])
  await expect.poll(items, PATIENCE).toEqual(['Pull from Remote', 'Pull from Starter Branch'])
  await page.keyboard.press('Escape')
  await openTab(page, 'Info')
  const clone = await readFile(path.join(desk, 'opened'), 'utf8')
  await writeFile(path.join(clone, 'three.txt'), 'three\n')
  await paste(page, 'Upload from IDE', clone)
  await block(page).getByRole('button', { name: 'Look and confirm' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Dismiss the upload' }).click()
  await block(page)
    .getByText('An upload waits for you')
    .waitFor({ state: 'detached', ...PATIENCE })
  await expect.poll(() => conversation(page).getByText('IDE: uploaded').count(), PATIENCE).toBe(1)
})

test('[I-4] [I-5] the block is not there in a chat, nor in a session that has ended', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'ide-hidden'))
  await page.locator('main header').getByRole('button', { name: 'Complete' }).click()
  await status(page, 'Done')
  await block(page).waitFor({ state: 'detached', ...PATIENCE })
  await startSession(page, { message: script('Only a chat', sh('true')), mode: 'Chat', steps: 'Auto' })
  await page
    .getByRole('complementary', { name: 'Session panel' })
    .getByText(/^Chat,/)
    .waitFor(PATIENCE)
  await expect.poll(() => block(page).count(), PATIENCE).toBe(0)
})
