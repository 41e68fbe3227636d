import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let page: Page
let session: string

const MIB = 1024 * 1024

beforeAll(async () => {
  const begun = await beginStory()
  ;({ coppice, browser } = begun)
  page = begun.mara.page
  page.setDefaultTimeout(60_000)
  await startSession(page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  const worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  session = page.url()
  const line = 'the same words again and again, and a number 12345\n'
  await writeFile(path.join(worktree, 'large.txt'), line.repeat(Math.ceil((20 * MIB) / line.length)))
  await writeFile(path.join(worktree, 'wide.txt'), `first\n${'wide '.repeat(MIB)}\nlast\n`)
  await writeFile(path.join(worktree, 'broad.txt'), `first\n${'broad '.repeat(160_000)}\nlast\n`)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(page, `large-${name}`))

/** The page still does what it is asked. */
async function alive(): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('combobox').first().waitFor({ state: 'detached' })
}

test('[F-2] a text of 20 MB, and one with a line of 5 MB, are said to be too large, with their size', async () => {
  pictureOnFailure('told')
  await page.goto(`${session}/file?path=large.txt`)
  await page.getByText('Too large to show').waitFor()
  await page.getByText(/20,97\d,\d{3} bytes/).waitFor()
  await alive()
  await page.goto(`${session}/file?path=wide.txt`)
  await page.getByText('Too large to show').waitFor()
  await page.getByText('5,242,892 bytes').waitFor()
  await alive()
})

test('[F-2] a line of nearly a megabyte, the longest that is opened, is shown and typed in', async () => {
  pictureOnFailure('opened')
  await page.goto(`${session}/file?path=broad.txt`)
  const text = page.getByRole('textbox', { name: 'Text of broad.txt' })
  await text.waitFor()
  await text.press('Control+Home')
  await page.keyboard.type('mine ')
  await page.locator('.file-bar').getByText('Not saved').waitFor()
  await text.press('Control+s')
  await page.locator('.file-bar').getByText('Saved', { exact: true }).waitFor()
  await alive()
})

test('[TD-4] changes that are opened at a file stay there while one above it grows to a line of nearly a megabyte', async () => {
  pictureOnFailure('changes')
  await page.goto(`${session}/changes?against=head&file=large.txt`)
  const files = page.getByRole('group', { name: 'Changes' })
  const large = page.getByRole('region', { name: 'large.txt', exact: true })
  await large.waitFor()
  const below = async (): Promise<number> => {
    const [list, file] = [await files.boundingBox(), await large.boundingBox()]
    return list && file ? Math.abs(file.y - list.y) : Number.POSITIVE_INFINITY
  }
  await expect
    .poll(() => files.evaluate((element) => element.scrollHeight), { timeout: 120_000 })
    .toBeGreaterThan(20_000)
  await expect.poll(below).toBeLessThan(40)
  await alive()
})
