import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, file, script, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  mara.page.setDefaultTimeout(60_000)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

test('[S-5] [S-12] a bot is made, and talked to in a session of its own kind: it reads, changes nothing, and has no Git; archived, it begins no more', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'bots'))
  await page.getByRole('link', { name: 'Settings' }).first().click()
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Bots' }).click()
  await page.getByRole('button', { name: 'New bot' }).click()
  const form = page.getByRole('dialog', { name: 'New bot' })
  await form.getByLabel('Name').fill('Guide')
  await form.getByLabel('What it is for').fill('You know where things are.')
  await form.getByRole('radio', { name: /Script/ }).click()
  await form.getByRole('button', { name: 'Make the bot' }).click()
  await page
    .getByText(/only reads/)
    .first()
    .waitFor()
  // Offered in the New popup, and beside Chat and Develop in the form.
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  await page.getByRole('dialog', { name: 'New' }).getByText('Guide', { exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'New session' })
  for (const mode of ['Chat', 'Develop', 'Bot']) await dialog.getByRole('radio', { name: mode, exact: true }).waitFor()
  await dialog.getByRole('radio', { name: 'Bot', exact: true, checked: true }).waitFor()
  await expect
    .poll(() => dialog.getByLabel('Bot', { exact: true }).locator('option').allInnerTexts())
    .toEqual(['Guide'])
  await dialog.getByRole('radio', { name: 'Auto', exact: true }).click()
  await dialog.getByLabel('First message').fill(script('Where is it?', file('made.txt', 'made')))
  await dialog.getByRole('button', { name: /^Start/ }).click()
  await dialog.waitFor({ state: 'detached' })
  await conversation(page).getByText('Where is it?').first().waitFor()
  await status(page, 'Waiting')
  const panel = page.getByRole('complementary', { name: 'Session panel' })
  await panel.getByText(/^Bot Guide, Auto/).waitFor()
  await panel.getByText('Nothing changed since the branch point.').waitFor()
  const worktree = await panel.locator('dt:has-text("Worktree") + dd').getAttribute('title')
  expect(worktree).toBeTruthy()
  expect(existsSync(path.join(worktree ?? '', 'README.md'))).toBe(true)
  expect(existsSync(path.join(worktree ?? '', 'made.txt'))).toBe(false)
  await expect.poll(() => page.getByRole('tab', { name: /^Files/ }).count()).toBe(1)
  await expect.poll(() => page.getByRole('tab', { name: /^Git/ }).count()).toBe(0)
  await page.locator('[data-session]').getByText('Guide').waitFor()
  await page.goto(`${new URL(page.url()).origin}/settings/bots`)
  await page.getByRole('button', { name: 'Archive Guide' }).click()
  await page.getByText('archived', { exact: true }).waitFor()
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  const popup = page.getByRole('dialog', { name: 'New' })
  await popup.getByText('New session', { exact: true }).waitFor()
  await expect.poll(() => popup.getByText('Guide', { exact: true }).count()).toBe(0)
}, 240_000)
