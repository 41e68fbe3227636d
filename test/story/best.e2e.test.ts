import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { git } from '../support/repository.ts'
import { beginStory } from './begin.ts'
import { online, script, sh } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let repo: string

beforeAll(async () => {
  ;({ coppice, browser, mara, repo } = await beginStory())
  mara.page.setDefaultTimeout(60_000)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

/** Starts one prompt with two agents; each writes the name of its own folder. */
async function startTwo(page: Page, words: string): Promise<void> {
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  await page.getByRole('dialog', { name: 'New' }).getByText('New session', { exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'New session' })
  await dialog.getByRole('radio', { name: 'Auto', exact: true }).click()
  await dialog.getByRole('radio', { name: /Script/ }).click()
  await dialog.getByRole('button', { name: 'Run with several agents' }).click()
  await dialog.getByLabel('Provider of agent 1').selectOption('script')
  await dialog.getByLabel('Provider of agent 2').selectOption('script')
  await dialog.getByLabel('First message').fill(script(words, sh('basename "$PWD" > who.txt')))
  await dialog.getByRole('button', { name: /^Start 2/ }).click()
  await dialog.waitFor({ state: 'detached' })
}

const cards = (page: Page): Locator => page.locator('.compare-card')

test('[BE-5] one prompt runs with two agents: they are compared side by side, one is kept and merged, the other is archived and found again', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'best'))
  await startTwo(page, 'Say who you are')
  await page.getByRole('heading', { name: 'Say who you are', level: 1 }).waitFor()
  await expect.poll(() => cards(page).getByText('1 file').count(), { timeout: 60_000 }).toBe(2)
  await expect.poll(() => cards(page).getByText('Waiting', { exact: true }).count(), { timeout: 60_000 }).toBe(2)
  // The sidebar has one entry for both.
  const side = page.locator('nav[aria-label="Sessions"]')
  await expect.poll(() => side.locator('[data-group]').count()).toBe(1)
  await expect.poll(() => side.locator('[data-session]').count()).toBe(0)
  // The lines of the file, side by side: each wrote its own name.
  const lines = page.locator('.compare-columns > .diff-file .diff-line.add')
  await expect.poll(() => lines.count(), { timeout: 60_000 }).toBe(2)
  const [first, second] = (await lines.allInnerTexts()).map((text) => text.trim().split(/\s+/).at(-1) ?? '')
  expect(first).not.toBe(second)
  await picture(page, 'best-compare')
  await cards(page).nth(1).getByRole('button', { name: 'Keep this one …' }).click()
  const dialog = page.getByRole('dialog', { name: /^Keep/ })
  await dialog.getByRole('radio', { name: 'Squash' }).click()
  await dialog.getByRole('button', { name: 'Keep it' }).click()
  await cards(page).nth(1).getByText('Kept', { exact: true }).waitFor()
  await cards(page).nth(0).getByText('Canceled', { exact: true }).waitFor()
  await cards(page)
    .nth(1)
    .getByText(/Merged to main/)
    .waitFor()
  expect(await git(repo, 'show', 'main:who.txt')).toBe(second)
  expect((await git(repo, 'log', '--format=%s', 'main')).split('\n')).toHaveLength(2)
  // Its branch and its last files are kept.
  await expect.poll(() => git(repo, 'worktree', 'list'), { timeout: 60_000 }).not.toContain(first)
  const refs = (await git(repo, 'for-each-ref', '--format=%(refname)', `refs/coppice/${first}`)).split('\n')
  const kept = await Promise.all(refs.map((ref) => git(repo, 'ls-tree', '--name-only', ref)))
  expect(kept.join('\n')).toContain('who.txt')
  await page.goto(`${new URL(page.url()).origin}/search?q=${encodeURIComponent('"Say who you are"')}`)
  await expect.poll(() => page.locator('.hit').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
}, 240_000)

test('[BE-5] a group is begun off line, and runs when the server can be reached', async () => {
  const { page, context } = mara
  onTestFailed(() => picture(page, 'best-offline'))
  await page.goto(new URL(page.url()).origin)
  await online(page)
  await context.setOffline(true)
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await startTwo(page, 'Said off line')
  await page.getByRole('heading', { name: 'Said off line', level: 1 }).waitFor()
  await expect.poll(() => cards(page).getByText('Preparing').count(), { timeout: 60_000 }).toBe(2)
  await context.setOffline(false)
  await online(page)
  await expect.poll(() => cards(page).getByText('1 file').count(), { timeout: 60_000 }).toBe(2)
}, 240_000)
