import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { allow, approval, online, say, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

async function worktreeOf(page: Page): Promise<string> {
  const panel = page.getByRole('complementary', { name: 'Session panel' })
  return (await panel.locator('dt:has-text("Worktree") + dd').getAttribute('title')) ?? ''
}

test('[BE-2] an answer that is given off line is a command with its precondition: what was settled meanwhile never fires, what was not does', async () => {
  const { page, context } = mara
  onTestFailed(() => picture(page, 'stale-approval'))
  await startSession(page, { message: script('Off line', sh('touch fired.txt')) })
  await approval(page)
    .getByRole('button', { name: /Allow once/ })
    .waitFor()
  const worktree = await worktreeOf(page)
  expect(worktree).not.toBe('')
  const other = await newPerson(browser)
  await other.context.addCookies(await context.cookies())
  await other.page.goto(page.url())
  await online(other.page)
  await approval(other.page)
    .getByRole('button', { name: /Reject/ })
    .waitFor()
  // Allowed where nobody hears it, rejected where somebody does.
  await context.setOffline(true)
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await allow(page)
  await page
    .getByText(/1 waiting/)
    .first()
    .waitFor()
  await approval(other.page)
    .getByRole('button', { name: /^Reject/ })
    .first()
    .click()
  await status(other.page, 'Waiting')
  await context.setOffline(false)
  await page
    .getByText(/no longer waits for an answer: rejected by mara\./)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).first().click()
  await online(page)
  expect(existsSync(path.join(worktree, 'fired.txt'))).toBe(false)
  // The next one nobody answers meanwhile: it fires.
  await say(page, script('Again', sh('touch second.txt')))
  await approval(page)
    .getByRole('button', { name: /Allow once/ })
    .waitFor()
  await context.setOffline(true)
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await allow(page)
  await context.setOffline(false)
  await online(page)
  await expect.poll(() => existsSync(path.join(worktree, 'second.txt')), { timeout: 60_000 }).toBe(true)
  await status(page, 'Waiting')
  expect(existsSync(path.join(worktree, 'fired.txt'))).toBe(false)
  await other.context.close()
}, 240_000)
