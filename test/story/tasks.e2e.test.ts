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

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `tasks-${name}`))

async function addTask(name: string, kind: string, text: string): Promise<void> {
  const { page } = mara
  await page.getByRole('button', { name: 'Add a task' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('radio', { name: kind }).click()
  await dialog.getByLabel('Script').fill(text)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: `Change ${name}` }).waitFor()
}

test('[TR-1] [TR-2] [TR-3] [TB-5] a task is made in the settings, started and stopped in the panel, read live, and again after a reload', async () => {
  const { page } = mara
  pictureOnFailure('life')
  const session = page.url()
  await openTab(page, 'Tasks')
  await page.getByText('None yet.').waitFor()
  await page.goto(`${coppice.url}/settings/workspaces`)
  await addTask('Dev server', 'Start', "printf '\\033[32mlistening\\033[0m on %s\\n' $COPPICE_PORT; sleep 600")
  await addTask('Tests', 'Test', 'echo one fails; exit 4')
  await page.goto(session)

  await page.getByRole('button', { name: 'Start Dev server' }).click()
  const output = page.getByLabel('Output of Dev server', { exact: true })
  await output.getByText('listening').waitFor()
  await expect.poll(() => output.locator('.ansi-green').textContent()).toBe('listening')
  await page.getByRole('tab', { name: /^Tasks 1 running/ }).waitFor()
  await page.reload()
  await output.getByText('listening').waitFor()
  await page.getByRole('button', { name: 'Stop Dev server' }).click()
  const runs = page.getByRole('region', { name: 'Runs' })
  await runs.getByRole('button', { name: /Dev server.*Canceled/ }).waitFor()

  await page.getByRole('button', { name: 'Start Tests' }).click()
  await runs.getByRole('button', { name: /Tests.*Failed 4/ }).waitFor()
  await page.getByText('It ended with code 4.').waitFor()
  // What was printed before is still there, and can be searched.
  await runs.getByRole('button', { name: /Dev server/ }).click()
  await output.getByText('listening').waitFor()
  await page.getByRole('searchbox', { name: 'Search the output of Dev server' }).fill('nothing like it')
  await page.getByText('0 of 2 lines').waitFor()
  await picture(page, 'tasks')
})
