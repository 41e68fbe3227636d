import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { openTab, say, script, sh, startSession, status } from './steps.ts'

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

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `hooks-${name}`))

async function addHook(event: string, name: string, text: string, report?: string): Promise<void> {
  const { page } = mara
  await page.getByRole('button', { name: `Add a hook ${event}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Script').fill(text)
  await dialog.getByLabel('Name').fill(name)
  if (report !== undefined) await dialog.getByRole('radio', { name: report }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: `Change ${name}` }).waitFor()
}

test('[X-6] [H-47] [TB-6] [H-26] [S-19] install on init, tests on agent finish, lint before Done; the agent is told of failures only', async () => {
  const { page } = mara
  pictureOnFailure('life')
  await page.goto(`${coppice.url}/settings/hooks`)
  await addHook('On Init', 'Install', 'sleep 1; echo installed | tee installed.txt')
  await addHook('On Agent Finish', 'Tests', 'echo looking; grep -q good answer.txt')
  await addHook('On Done', 'Lint', 'sleep 1; echo clean', 'Full')
  await page.reload()
  await page.getByRole('button', { name: 'Change Lint' }).waitFor()

  await startSession(page, {
    message: script('Begin', sh('cat installed.txt && echo good > answer.txt')),
    steps: 'Auto',
  })
  await openTab(page, 'Hooks')
  const logs = page.getByRole('tabpanel', { name: 'Hook Logs' })
  await logs.getByRole('button', { name: /Install.*Completed/ }).waitFor()
  await status(page, 'Waiting')
  await logs.getByRole('button', { name: /Tests.*Completed/ }).click()
  await logs.getByLabel('Output of Tests', { exact: true }).getByText('looking').waitFor()
  expect(await page.getByRole('region', { name: 'Hook failure' }).count()).toBe(0)

  await say(page, script('Spoil it', sh('echo bad > answer.txt')))
  const failure = page.getByRole('region', { name: 'Hook failure' })
  await failure.getByText('It ended with code 1.').waitFor()
  await logs
    .getByRole('button', { name: /Tests.*Failed · exit 1/ })
    .first()
    .waitFor()
  await picture(page, 'hook-failure')

  await page.getByRole('button', { name: 'Complete', exact: true }).click()
  await logs.getByRole('button', { name: /Lint.*Completed/ }).waitFor()
  await status(page, 'Done')
  await logs.getByRole('button', { name: /Lint/ }).click()
  await logs.getByLabel('Output of Lint', { exact: true }).getByText('clean').waitFor()
  await page.reload()
  await logs.getByRole('button', { name: /Lint.*Completed/ }).waitFor()
})

test('[H-42] [H-48] a hook that runs is canceled in the panel; an event that is switched off runs nothing', async () => {
  const { page } = mara
  pictureOnFailure('cancel')
  await page.goto(`${coppice.url}/settings/hooks`)
  await addHook('On Agent Finish', 'Endless', 'echo begun; sleep 600')
  await page.getByRole('switch', { name: /^On Init/ }).click()
  await page.getByRole('switch', { name: /^On Init/, checked: false }).waitFor()
  await startSession(page, { message: script('Begin', sh('echo good > answer.txt')), steps: 'Auto' })
  const logs = page.getByRole('tabpanel', { name: 'Hook Logs' })
  await logs.getByRole('button', { name: /Endless.*Running/ }).click()
  await logs.getByLabel('Output of Endless', { exact: true }).getByText('begun').waitFor()
  await page.getByRole('tab', { name: /^Hooks 1 running/ }).waitFor()
  await logs.getByRole('button', { name: 'Cancel Endless' }).click()
  await logs.getByRole('button', { name: /Endless.*Failed · canceled/ }).waitFor()
  await expect.poll(() => logs.getByRole('button', { name: /Install/ }).count()).toBe(0)
})
