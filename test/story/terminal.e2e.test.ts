import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { openTab, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const PATIENCE = { timeout: 60_000 }

test('[TR-6] a terminal is opened from the panel, typed into, still there after a reload, and ended', async () => {
  const { page, complaints } = mara
  onTestFailed(() => picture(page, 'terminal-failed'))
  await openTab(page, 'Terminal')
  await page.getByText('No terminal is open').waitFor()
  await page.getByRole('button', { name: 'New terminal' }).click()
  const screen = page.getByRole('region', { name: 'Terminal', exact: true })
  const shown = (): Promise<string> => screen.locator('.xterm-rows').innerText()
  await screen.locator('.xterm-rows').waitFor()
  await page.getByText('Opening', { exact: true }).waitFor({ state: 'detached', ...PATIENCE })
  // What is typed before the shell asks for it may be lost.
  await expect.poll(shown, PATIENCE).toMatch(/[$#%>]/)
  await screen.click()
  await page.keyboard.type('echo "seven times six: $((6 * 7))"\n')
  await expect.poll(shown, PATIENCE).toContain('seven times six: 42')
  await picture(page, 'terminal')
  // It fills its place: its style came in spite of the policy.
  const width = async () => (await screen.locator('.xterm-screen').boundingBox())?.width
  await expect.poll(width, PATIENCE).toBeGreaterThan(300)
  await page.reload()
  await expect.poll(shown, PATIENCE).toContain('seven times six: 42')
  await page.getByRole('button', { name: 'End' }).click()
  await page.getByText('The terminal has ended').waitFor(PATIENCE)
  await page.getByText('No terminal is open').waitFor(PATIENCE)
  expect(complaints.filter((one) => one.includes('Content Security Policy'))).toEqual([])
})
