import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, script, sh, startSession, status } from './steps.ts'

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
  const write = sh(
    'printf "made one\\nmade two\\n" > made.txt; echo "from the turn" >> README.md; echo secret > left.log; echo "*.log" > .gitignore',
  )
  await startSession(page, { message: script('Begin', write), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  session = page.url()
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(page, `blame-${name}`))
const text = (name: string): Locator => page.getByRole('textbox', { name: `Text of ${name}` })
const gutter = (): Locator => page.locator('.code-editor .cm-blame')
const told = (words: string | RegExp): Promise<void> =>
  page.getByRole('status', { name: 'Who wrote this line' }).filter({ hasText: words }).waitFor()
const open = async (name: string): Promise<void> => {
  await page.goto(`${session}/file?path=${name}`)
  await text(name).waitFor()
}

test('[AU-5] the editor tells who wrote a line as the cursor moves: an older commit, or the turn, with the way to its step', async () => {
  pictureOnFailure('lines')
  await open('README.md')
  await page.getByRole('button', { name: 'Blame' }).focus()
  await page.keyboard.press('Enter')
  await text('README.md').press('Control+Home')
  await told(/^Line 1: .+ \(commit [0-9a-f]{8}\)$/)
  await text('README.md').press('Control+End')
  await text('README.md').press('ArrowUp')
  await told(/Turn 1.*Asked by mara: Begin/)
  await gutter().getByText('Turn 1').waitFor()
  await picture(page, 'blame-editor')
  await page.getByRole('link', { name: 'Go to the step' }).click()
  await page.locator('.found').waitFor()
})

test('[AU-5] what is typed is not saved, and what is saved not committed; both are said, and by whom', async () => {
  pictureOnFailure('own')
  await open('made.txt')
  await page.getByRole('button', { name: 'Blame' }).click()
  await gutter().getByText('Turn 1').waitFor()
  await text('made.txt').press('Control+Home')
  await page.keyboard.type('mine ')
  await told('Line 1: Not saved yet')
  await text('made.txt').press('ArrowDown')
  await told(/^Line 2: Turn 1/)
  await text('made.txt').press('Control+s')
  await text('made.txt').press('ArrowUp')
  await told('Line 1: Not committed yet, and in no checkpoint; the file was saved by mara')
  await gutter().getByText('Not committed').waitFor()
})

test('a file that git leaves out has nobody to be told, which is said; switched off, the gutter is gone', async () => {
  pictureOnFailure('left-out')
  await writeFile(path.join(worktree, 'left.log'), 'again\n')
  await open('left.log')
  await page.getByRole('button', { name: 'Blame' }).click()
  await told('left.log is left out of git here')
  await page.getByRole('button', { name: 'Blame' }).click()
  await gutter().waitFor({ state: 'detached' })
})
