import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { launchBrowser, newPerson, picture, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { processesWith } from '../support/processes.ts'
import { cloneOfThisRepository, emptyRemote, git } from '../support/repository.ts'
import { gate } from './gate.ts'
import {
  allow,
  approval,
  composer,
  conversation,
  file,
  openTab,
  say,
  script,
  sh,
  signIn,
  startSession,
  status,
} from './steps.ts'

/** The story that the README promises, told once, in order: each test goes on where the one before ended. */
let coppice: RunningCoppice
let browser: Browser
let repo: string
let mara: Person

beforeAll(async () => {
  repo = await cloneOfThisRepository()
  coppice = await RunningCoppice.start({ repo })
  browser = await launchBrowser()
  mara = await newPerson(browser)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `newcomer-${name}`))

test('[UX-1, AC-1] the printed link signs the owner in, once; the repository named at start is there', async () => {
  pictureOnFailure('sign-in')
  const { page } = mara
  await signIn(page, coppice.link, 'mara')
  await page.locator('main').getByText(repo).waitFor()
  const again = await newPerson(browser)
  const answer = await again.page.goto(coppice.link)
  expect(answer?.status()).toBe(410)
  expect(await again.page.locator('body').innerText()).toContain('no longer works')
  await again.context.close()
})

test('[S-1, S-11, S-12, S-15, S-16, S-19, S-22, BE-12] a new session gets a worktree and a branch of its own and runs its first message', async () => {
  pictureOnFailure('new-session')
  const { page } = mara
  await startSession(page, { message: script('Add a greeting', file('greeting.txt', 'hello'), sh('cat greeting.txt')) })
  await page.locator('main header h1', { hasText: 'Add a greeting' }).waitFor()
  await approval(page).waitFor()
  await status(page, 'Needs you')
  await conversation(page)
    .getByText(/Worktree on/)
    .waitFor()
  expect(await git(repo, 'branch', '--list', 'coppice/*')).toContain('coppice/add-a-greeting')
  // The checkout itself is untouched.
  expect(await git(repo, 'status', '--porcelain')).toBe('')
})

test('[D-1, M-10, M-11, TD-2, TD-4, TD-5, TD-7] in Manual each step waits; allowed steps run and stand as rows with change, exit code and duration', async () => {
  pictureOnFailure('manual')
  const { page } = mara
  await expect.poll(() => approval(page).innerText()).toContain('hello')
  const worktrees = join(coppice.data, 'runner', 'worktrees')
  const [folder = ''] = await readdir(worktrees)
  expect(existsSync(join(worktrees, folder, 'greeting.txt'))).toBe(false)
  await allow(page)
  await approval(page).getByText('cat greeting.txt').first().waitFor()
  expect(existsSync(join(worktrees, folder, 'greeting.txt'))).toBe(true)
  await allow(page)
  await status(page, 'Waiting')
  const rows = conversation(page)
  await rows.getByText('exit 0').waitFor()
  await expect.poll(() => rows.innerText()).toMatch(/Write\s+greeting\.txt/)
  await expect.poll(() => rows.innerText()).toMatch(/\d+(\.\d+)? m?s/)
})

test('[D-3, S-7, M-1, M-8, M-14] in Auto it runs on; messages sent meanwhile are queued, can be edited and removed, and arrive in order', async () => {
  pictureOnFailure('queue')
  const { page } = mara
  await page.locator('.composer').getByRole('radio', { name: 'Auto' }).click()
  const held = await gate()
  await say(page, script('Slowly', sh(`${held.wait}; echo first`)))
  await status(page, 'In progress')
  await say(page, script('Second', sh('echo second')))
  await say(page, script('Mistake', sh('echo mistake')))
  await say(page, script('Third', sh('echo third')))
  const queue = page.getByRole('list', { name: 'Queued messages' })
  await queue.getByText('Third').waitFor()
  await queue.getByRole('listitem').filter({ hasText: 'Mistake' }).getByRole('button', { name: 'Remove' }).click()
  await queue.getByRole('listitem').filter({ hasText: 'Second' }).getByRole('button', { name: 'Edit' }).click()
  await queue.getByRole('textbox').fill(script('Second, edited', sh('echo second')))
  await queue.getByRole('button', { name: 'Save' }).click()
  await queue.getByText('Second, edited').waitFor()
  await held.open()
  await conversation(page)
    .getByRole('button', { name: /echo third/ })
    .waitFor()
  await status(page, 'Waiting')
  const said = await conversation(page).innerText()
  expect(said).not.toContain('mistake')
  const order = ['; echo first', 'Second, edited', 'echo third'].map((text) => said.lastIndexOf(text))
  expect(order.every((at) => at >= 0)).toBe(true)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

test('[M-4, BE-3] Interrupt stops the agent and its children, and the screen says that a person stopped it', async () => {
  pictureOnFailure('stop')
  const { page } = mara
  const mark = `sleep 98${Date.now() % 1000}`
  await say(page, script('Hang', sh(`${mark} & ${mark}; echo never`)))
  await expect.poll(async () => (await processesWith(mark)).length, { timeout: 60_000 }).toBeGreaterThan(1)
  await page.getByRole('button', { name: 'Interrupt' }).click()
  await status(page, 'Waiting')
  await conversation(page)
    .getByText(/Stopped/i)
    .first()
    .waitFor()
  await expect.poll(async () => (await processesWith(mark)).length).toBe(0)
})

test('[G-1, G-2, G-5, G-9, G-11, G-12, C-6] the Git tab shows, stages, commits and merges to the starter branch', async () => {
  pictureOnFailure('git')
  const { page } = mara
  await openTab(page, 'Git')
  const panel = page.locator('aside[aria-label="Session panel"]')
  await panel.getByText('greeting.txt').first().waitFor()
  await panel.getByRole('button', { name: 'Stage all', exact: true }).click()
  await panel.getByRole('button', { name: 'Unstage all' }).waitFor()
  await panel.getByLabel('Commit message').fill('Greet people')
  await panel.getByRole('button', { name: /^Commit/ }).click()
  await panel.getByText('The worktree is clean').waitFor()
  await panel.getByRole('button', { name: /^Merge/ }).click()
  await page.getByRole('menuitem', { name: /Merge commit/ }).click()
  await expect.poll(() => git(repo, 'show', 'main:greeting.txt').catch(() => ''), { timeout: 60_000 }).toBe('hello')
  const log = await git(repo, 'log', '--format=%s|%an', 'main', '-3')
  expect(log).toContain('Greet people|mara')
})

test('[G-11, G-12] Push sends the branch to origin; where that is impossible, git says why and nothing is lost', async () => {
  pictureOnFailure('push')
  const { page } = mara
  const panel = page.locator('aside[aria-label="Session panel"]')
  await panel.getByRole('button', { name: 'Push' }).click()
  await panel
    .getByText(/origin/)
    .last()
    .waitFor()
  const remote = await emptyRemote()
  await git(repo, 'remote', 'add', 'origin', remote)
  await panel.getByRole('button', { name: 'Push' }).click()
  await expect.poll(() => git(remote, 'branch', '--list', 'coppice/*')).toContain('coppice/add-a-greeting')
})

test('[S-8, S-20, BE-9] Complete checkpoints, archives and removes the worktree; Restore brings it back', async () => {
  pictureOnFailure('complete')
  const { page } = mara
  await say(page, script('Leave something uncommitted', file('left.txt', 'left over')))
  const worktrees = join(coppice.data, 'runner', 'worktrees')
  const before = await readdir(worktrees)
  // The message names the file too, and until its turn begins the session is still waiting: only the file says that the turn ran.
  const left = async (): Promise<boolean> =>
    (await readdir(worktrees)).some((name) => existsSync(join(worktrees, name, 'left.txt')))
  await expect.poll(left, { timeout: 60_000 }).toBe(true)
  await status(page, 'Waiting')
  await page.locator('main header').getByRole('button', { name: 'Complete' }).click()
  await status(page, 'Done')
  await expect.poll(async () => (await readdir(worktrees)).length, { timeout: 60_000 }).toBe(before.length - 1)
  await expect.poll(() => composer(page).isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await status(page, 'Waiting')
  await expect.poll(left).toBe(true)
})

test('nothing on the way complained in the console', () => {
  expect(mara.complaints).toEqual([])
})
