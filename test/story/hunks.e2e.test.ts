import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, openTab, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let page: Page
let worktree: string
let session: string

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  page = mara.page
  page.setDefaultTimeout(60_000)
  const begin = [
    'for i in $(seq 40); do echo "line $i"; done > list.txt',
    'git add -A && git -c user.name=a -c user.email=a@b commit -qm "A list" && echo committed',
  ]
  await startSession(page, { message: script('Begin', sh(begin.join('\n'))), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  session = page.url()
  worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  const text = await readFile(path.join(worktree, 'list.txt'), 'utf8')
  const changed = text
    .replace('line 3\n', 'line three\n')
    .replace('line 5\n', 'line five\n')
    .replace('line 30\n', 'line thirty\n')
  await writeFile(path.join(worktree, 'list.txt'), changed)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(page, `hunks-${name}`))
const git = (...args: string[]): string => execFileSync('git', args, { cwd: worktree, encoding: 'utf8' }).trim()
const changedLines = (...args: string[]): string[] =>
  git('diff', '--unified=0', ...args)
    .split('\n')
    .filter((line) => /^[+-]line/.test(line))
const file = (): Locator => page.getByRole('region', { name: 'list.txt', exact: true })

test('[G-2] [G-3] a hunk is staged, then unstaged, from the viewer', async () => {
  pictureOnFailure('stage')
  await page.goto(`${session}/changes?against=index`)
  await file().getByRole('button', { name: 'Stage', exact: true }).last().click()
  await expect.poll(() => changedLines('--cached'), { timeout: 60_000 }).toEqual(['-line 30', '+line thirty'])
  await page.goto(`${session}/changes?against=staged`)
  await file().getByRole('button', { name: 'Unstage', exact: true }).click()
  await expect.poll(() => changedLines('--cached'), { timeout: 60_000 }).toEqual([])
})

test('[G-2] single lines are staged: those that were chosen, and no others', async () => {
  pictureOnFailure('lines')
  await page.goto(`${session}/changes?against=index`)
  await page.getByRole('radio', { name: 'Unified' }).click()
  const row = file().locator('.diff-row.del', { hasText: 'line 3' }).first()
  await row.waitFor()
  await page.getByRole('group', { name: 'Changes' }).focus()
  await page.keyboard.press('n')
  await file().locator('.diff-row.chosen', { hasText: 'line 3' }).waitFor()
  await file().locator('.diff-row.add', { hasText: 'line three' }).locator('button.number').click()
  await page.keyboard.press('Escape')
  await file().getByRole('button', { name: 'Stage chosen' }).waitFor({ state: 'detached' })
  await page.keyboard.press('n')
  await file().locator('.diff-row.chosen').waitFor()
  await file().getByRole('button', { name: 'Stage chosen' }).click()
  await expect.poll(() => changedLines('--cached'), { timeout: 60_000 }).toEqual(['-line 3'])
  git('reset', '-q')
})

test('[G-4] a hunk is discarded after a question, and a checkpoint keeps it', async () => {
  pictureOnFailure('discard')
  await page.goto(`${session}/changes?against=index`)
  await file().getByRole('button', { name: 'Discard …', exact: true }).last().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard', exact: true }).click()
  await expect
    .poll(async () => (await readFile(path.join(worktree, 'list.txt'), 'utf8')).includes('line thirty'), {
      timeout: 60_000,
    })
    .toBe(false)
  expect(await readFile(path.join(worktree, 'list.txt'), 'utf8')).toContain('line three')
  const kept = git('for-each-ref', '--format=%(refname)', 'refs/coppice').split('\n')
  expect(kept.some((ref) => git('show', `${ref}:list.txt`).includes('line thirty'))).toBe(true)
})

test('lines that changed since they were seen are refused with the reason, and nothing is changed', async () => {
  pictureOnFailure('stale')
  await page.goto(`${session}/changes?against=index`)
  await file().getByRole('button', { name: 'Stage', exact: true }).first().waitFor()
  const text = await readFile(path.join(worktree, 'list.txt'), 'utf8')
  git('reset', '-q', '--hard')
  await writeFile(path.join(worktree, 'list.txt'), 'all is different\n')
  git('add', 'list.txt')
  await file().getByRole('button', { name: 'Stage', exact: true }).first().click()
  // Not by loading the page anew: what was clicked may not have been kept yet.
  await page.getByRole('button', { name: 'Back to the session' }).click()
  await openTab(page, 'Git')
  await page.getByText('not there any more as you saw them').waitFor()
  expect(git('show', ':list.txt')).toBe('all is different')
  git('reset', '-q')
  await writeFile(path.join(worktree, 'list.txt'), text)
})

test('[G-5] [G-11] the last commit is amended and signed off; the history leads to its diff', async () => {
  pictureOnFailure('amend')
  await page.getByRole('button', { name: 'Look again' }).click()
  await page.getByRole('button', { name: 'Stage all', exact: true }).click()
  await page.getByLabel('Amend the last commit').check()
  const message = page.getByRole('textbox', { name: 'Commit message' })
  await expect.poll(() => message.inputValue(), { timeout: 60_000 }).toBe('A list')
  await message.fill('A better list')
  await page.getByLabel('Sign off').check()
  await page.getByRole('button', { name: /^Amend/ }).click()
  await page.getByRole('region', { name: 'History' }).getByText('A better list').waitFor()
  expect(git('log', '--format=%s%n%b', 'main..HEAD')).toContain('Signed-off-by: mara')
  expect(git('rev-list', '--count', 'main..HEAD')).toBe('1')
  await page.getByRole('region', { name: 'History' }).getByText('A better list').click()
  await page.getByRole('button', { name: /Compare: Commit/ }).waitFor()
  await file().getByText('line three').first().waitFor()
})

test('[AU-5] each line tells the turn and the step that wrote it, and leads there; what a person wrote is told apart', async () => {
  pictureOnFailure('blame')
  await page.getByRole('group', { name: 'Changes' }).focus()
  await page.keyboard.press('b')
  const by = file()
    .getByRole('link', { name: /^Turn 1 · / })
    .first()
  await by.waitFor()
  await expect.poll(() => by.getAttribute('title')).toMatch(/Asked by mara: Begin/)
  await file().locator('.blame').getByText('By hand').first().waitFor()
  await by.click()
  await page.locator('.found').getByText('for i in').waitFor()
})
