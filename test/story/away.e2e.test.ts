import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, file, online, openTab, script, sh, startSession, status } from './steps.ts'

/** The worktree while nobody can be asked about it: what was told last stands, and its age is said. */
let coppice: RunningCoppice
let browser: Browser
let mara: Person
let session: string

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  const { page } = mara
  await startSession(page, { message: script('Begin', file('plan.txt', 'first line'), sh('echo made')), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  session = page.url()
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const asOf = (page: Page) => page.getByText(/^As of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\. The runner cannot be asked now\.$/)
const panel = (page: Page) => page.getByRole('complementary', { name: 'Session panel' })

async function lookAtAll(page: Page, said: (page: Page) => Promise<unknown>): Promise<void> {
  await page.goto(session)
  await openTab(page, 'Git')
  await panel(page).getByText('plan.txt').first().waitFor()
  await said(page)
  await openTab(page, 'Files')
  await panel(page).getByText('plan.txt').first().waitFor()
  await said(page)
  await panel(page).getByText('plan.txt').first().click()
  await page.getByRole('textbox').getByText('first line').waitFor()
  await said(page)
  await page.goto(`${session}/changes`)
  await page.locator('.diff-page').getByText('first line').first().waitFor()
  await said(page)
}

test('status, tree, a file and its diff that were looked at are there off line, after a reload too, with their age; back on line they are new', async () => {
  const { page, context } = mara
  onTestFailed(() => picture(page, 'away-offline'))
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  await lookAtAll(page, () => expect.poll(() => asOf(page).count()).toBe(0))
  await context.setOffline(true)
  await lookAtAll(page, () => asOf(page).first().waitFor())
  await picture(page, 'away-changes')
  await context.setOffline(false)
  await online(page)
  await expect.poll(() => asOf(page).count()).toBe(0)
  await page.locator('.diff-page').getByText('first line').first().waitFor()
})

test('a runner that is killed and comes back: what became of the worktree meanwhile is shown, unasked', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'away-runner'))
  await page.goto(session)
  await openTab(page, 'Git')
  await panel(page).getByText('plan.txt').first().waitFor()
  const worktree = await panelFact(page, 'Worktree')
  await coppice.kill('runner')
  await openTab(page, 'Files')
  await panel(page).getByText('plan.txt').first().waitFor()
  await writeFile(path.join(worktree, 'later.txt'), 'later')
  await openTab(page, 'Git')
  await panel(page).getByText('later.txt').first().waitFor()
  await expect.poll(() => asOf(page).count()).toBe(0)
})

async function panelFact(page: Page, name: string): Promise<string> {
  await openTab(page, 'Info')
  const fact = (await panel(page).locator(`dt:has-text("${name}") + dd`).getAttribute('title')) ?? ''
  expect(path.isAbsolute(fact)).toBe(true)
  return fact
}
