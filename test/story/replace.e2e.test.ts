import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, openTab, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let page: Page
let worktree: string

beforeAll(async () => {
  const begun = await beginStory()
  ;({ coppice, browser } = begun)
  page = begun.mara.page
  await startSession(page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const on = (name: string): string => path.join(worktree, name)
const has = (name: string, text: string): Promise<void> => expect.poll(() => readFile(on(name), 'utf8')).toBe(text)
const line = (name: string, number: number) =>
  page.getByRole('checkbox', { name: `Replace in line ${number} of ${name}` })

test('[F-7] hits are replaced in the lines and files that are chosen, seen before; what changed meanwhile is left alone; all of it is taken back at once', async () => {
  onTestFailed(() => picture(page, 'replace'))
  const before = {
    'tint.txt': 'a colour\r\nno tone\r\ntwo colours, one colour\r\n',
    'shade.txt': 'Colour of shade\n',
    'paint.txt': 'colour here\ncolour there\n',
    'spray.txt': 'colour\n',
  }
  for (const [name, text] of Object.entries(before)) await writeFile(on(name), text)
  await openTab(page, 'Search')
  const search = page.getByRole('search', { name: 'Content of files' })
  await search.getByRole('searchbox').fill('colou(r)')
  await search.getByRole('button', { name: 'Regular expression' }).click()
  await search.getByRole('button', { name: 'Match case' }).click()
  await search.getByText('5 lines in 3 files').waitFor()
  await search.getByRole('button', { name: 'Replace', exact: true }).click()
  await search.getByLabel('Replace with').fill('colo$1')

  // What it would be is seen first.
  const changed = page.locator('.found-line', { has: page.locator('ins') })
  await expect.poll(() => changed.locator('ins').allTextContents()).toEqual(Array.from({ length: 6 }, () => 'color'))
  await expect.poll(() => changed.locator('del').first().textContent()).toBe('colour')
  await picture(page, 'replace-preview')
  await line('paint.txt', 2).uncheck()
  await page.getByRole('checkbox', { name: 'Replace in spray.txt' }).uncheck()
  await search.getByRole('button', { name: 'Replace in 3 lines of 2 files' }).waitFor()
  await page.getByRole('checkbox', { name: 'Replace in spray.txt' }).check()
  await search.getByRole('button', { name: 'Replace in 4 lines of 3 files' }).waitFor()

  // One of the files is not any more what was found.
  await writeFile(on('spray.txt'), 'all gone\n')
  await search.getByRole('button', { name: 'Replace in 4 lines of 3 files' }).click()
  await search.getByText('Replaced 4 hits.').waitFor()
  await search.getByText('spray.txt was left alone. It was changed since it was found.').waitFor()
  await has('tint.txt', 'a color\r\nno tone\r\ntwo colors, one color\r\n')
  await has('paint.txt', 'color here\ncolour there\n')
  await has('shade.txt', before['shade.txt'])
  await has('spray.txt', 'all gone\n')

  // Somebody goes on in one of them: that one is not taken back over.
  await writeFile(on('paint.txt'), 'color here, and more\n')
  // The panel may have shown something else meanwhile.
  await openTab(page, 'Git')
  await openTab(page, 'Search')
  await search.getByRole('button', { name: 'Replace', exact: true }).click()
  await search.getByRole('button', { name: 'Undo the replacing' }).click()
  await search.getByText('Taken back in 1 file.').waitFor()
  await search.getByText('paint.txt was left alone.').waitFor()
  await has('tint.txt', before['tint.txt'])
  await has('paint.txt', 'color here, and more\n')
})
