import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { processesWith } from '../support/processes.ts'
import { beginStory } from './begin.ts'
import { gate } from './gate.ts'
import { conversation, online, say, script, sh, startSession, status } from './steps.ts'

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

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `plug-${name}`))

test('[RL-2] the server is killed in mid-turn: the agent works on, and its end is there when the server is back', async () => {
  pictureOnFailure('server')
  const { page } = mara
  const held = await gate()
  await startSession(page, {
    message: script('Outlive the server', sh(`echo kept > kept.txt; ${held.wait}; echo survived`)),
    steps: 'Auto',
    mode: 'Chat',
  })
  await status(page, 'In progress')
  await conversation(page).getByText('; echo survived').last().waitFor()
  await coppice.kill('sync')
  await held.open()
  await page
    .getByText(/Off line/)
    .first()
    .waitFor()
  await online(page)
  await status(page, 'Waiting')
  await conversation(page).getByText('exit 0').waitFor()
})

test('[S-3, S-10, BE-3, EV-7] the runner is killed in mid-turn: its agent goes with it, the session says "aborted by restart", one click continues, and the worktree is as it was', async () => {
  pictureOnFailure('runner')
  const { page } = mara
  const mark = `sleep 97${Date.now() % 1000}`
  await say(page, script('Be cut', sh(mark)))
  await expect.poll(async () => (await processesWith(mark)).length, { timeout: 60_000 }).toBeGreaterThan(0)
  await coppice.kill('runner')
  await conversation(page).getByText('Aborted by restart').first().waitFor({ timeout: 120_000 })
  await status(page, 'Failed')
  await expect.poll(async () => (await processesWith(mark)).length, { timeout: 60_000 }).toBe(0)
  await conversation(page).getByRole('button', { name: 'Continue' }).click()
  await status(page, 'Waiting')
  // A Chat session goes on and on in one worktree.
  await say(page, script('Look', sh('echo it was $(cat kept.txt)')))
  const step = conversation(page)
    .getByRole('button', { name: /echo it was/ })
    .last()
  await step.waitFor()
  await status(page, 'Waiting')
  await step.click()
  await conversation(page).getByText('it was kept').first().waitFor()
})
