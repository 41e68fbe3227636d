import { execFileSync } from 'node:child_process'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { ForgeDouble } from '../../apps/runner/src/forge/forge-double.ts'
import { launchBrowser, newPerson, picture } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { emptyRemote, smallRepository } from '../support/repository.ts'
import { conversation, openTab, script, sh, signIn, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let page: Page
let double: ForgeDouble
let remote: string

const address = 'https://github.com/mara/rings.git'

beforeAll(async () => {
  double = await ForgeDouble.start()
  remote = await emptyRemote()
  const repo = await smallRepository()
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repo })
  git('remote', 'add', 'origin', address)
  git('config', `url.${remote}.insteadOf`, address)
  git('push', '--quiet', 'origin', 'main')
  coppice = await RunningCoppice.start({
    repo,
    env: { GITHUB_TOKEN: double.token, COPPICE_FORGE_API: double.url },
  })
  browser = await launchBrowser()
  ;({ page } = await newPerson(browser))
  page.setDefaultTimeout(60_000)
  await signIn(page, coppice.link, 'mara')
  const begin = 'echo one > rings.txt && git add -A && git -c user.name=a -c user.email=a@b commit -qm "One ring"'
  await startSession(page, { message: script('Begin', sh(begin)), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  await openTab(page, 'Git')
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
  await double?.close()
})

test('[G-14] a pull request is made from the Git tab; its checks and comments are seen, and sent to the agent', async () => {
  onTestFailed(() => picture(page, 'pull-request'))
  await page.getByRole('button', { name: 'Make a pull request' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make a pull request' })
  await expect.poll(() => dialog.getByLabel('Title').inputValue()).toBe('One ring')
  await dialog.getByLabel('Title').fill('Count one ring')
  await dialog.getByLabel('What it does').fill('It counts.')
  await dialog.getByLabel('As a draft').check()
  await dialog.getByRole('button', { name: 'Push and make it' }).click()
  const card = page.getByRole('region', { name: 'Pull request' })
  await card.getByText('#1 Count one ring').waitFor()
  expect(double.made).toMatchObject([{ base: 'main', title: 'Count one ring', body: 'It counts.', draft: true }])
  const branches = execFileSync('git', ['branch', '--list', 'coppice/*'], { cwd: remote, encoding: 'utf8' })
  expect(branches).toContain('coppice/')
  await card.getByText('draft', { exact: true }).waitFor()
  await card.getByRole('list', { name: 'Checks' }).getByText('test').waitFor()
  await card.getByRole('list', { name: 'Comments of the pull request' }).getByText('Why two?').waitFor()
  await card.getByRole('button', { name: 'Send 1 failed check to the agent' }).click()
  await conversation(page).getByText('test: 2 failed').first().waitFor()
  await card.getByRole('button', { name: 'Send 2 comments to the agent' }).click()
  await conversation(page).getByText('src/a.txt:2').first().waitFor()
  await picture(page, 'pull-request')
})
