import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { git } from '../support/repository.ts'
import { beginStory } from './begin.ts'
import { conversation, sh, startSession, status } from './steps.ts'

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

async function commitSetup(text: string): Promise<void> {
  await mkdir(path.join(repo, '.coppice'), { recursive: true })
  await writeFile(path.join(repo, '.coppice/setup.sh'), text)
  await git(repo, 'add', '--all')
  await git(repo, 'commit', '--quiet', '--message', 'Setup')
}

test('[WS-4] a script of the repository is read in the inbox, let run from there, and asked about in the session when it has changed', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'trust'))
  await commitSetup('echo tools > tools.txt\n')
  await startSession(page, { message: sh('cat tools.txt'), steps: 'Auto' })
  await status(page, 'Needs you')
  const first = page.url()
  await page
    .getByRole('link', { name: /^Inbox/ })
    .first()
    .click()
  const line = page.getByRole('article', { name: /^A script asks to run/ })
  await line.getByText('echo tools > tools.txt').waitFor()
  await line.getByRole('button', { name: 'Let it run' }).click()
  await line.waitFor({ state: 'detached' })
  await page.goto(first)
  await conversation(page).getByText('.coppice/setup.sh ended with 0.').waitFor()
  await conversation(page).getByText('exit 0').first().waitFor()
  await commitSetup('echo other tools > tools.txt\n')
  await startSession(page, { message: sh('ls'), steps: 'Auto' })
  await conversation(page).getByText('echo other tools > tools.txt').waitFor()
  await conversation(page).getByRole('button', { name: 'Do not run it' }).click()
  await conversation(page).getByText('.coppice/setup.sh was refused in this workspace and did not run.').waitFor()
  await status(page, 'Waiting')
  expect(await conversation(page).getByText('tools.txt', { exact: true }).count()).toBe(0)
  await page.goto(`${new URL(page.url()).origin}/settings/workspaces`)
  const scripts = page.getByRole('list', { name: /^Scripts of / })
  await scripts.getByText('refused, said mara').waitFor()
  await scripts.getByText('may run, said mara').waitFor()
}, 240_000)
