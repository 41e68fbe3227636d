import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { standInForOpenCode, type StandIn } from '../agents/stand-in-opencode.ts'
import { launchBrowser, newPerson, picture, type Person } from '../support/browser.ts'
import { coppiceCommand } from '../support/command.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { processesWith } from '../support/processes.ts'
import { git, smallRepository } from '../support/repository.ts'
import { approval, composer, conversation, file, openTab, script, sh, signIn, startSession, status } from './steps.ts'

/** What a person sees when what they give cannot be used: what was wrong, what was kept, what to do. */
let folder: string
let repo: string
let agent: StandIn
let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coppice-bad-'))
  repo = await smallRepository()
  agent = await standInForOpenCode()
  coppice = await RunningCoppice.start({ env: { COPPICE_OPENCODE_BIN: agent.command } })
  browser = await launchBrowser()
  mara = await newPerson(browser)
  await signIn(mara.page, coppice.link, 'mara')
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
  for (const one of [folder, repo, agent?.folder]) if (one) await rm(one, { recursive: true, force: true })
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `bad-${name}`))

test('[AC-1] a link that was used, and one that never was, say so and how to get another, which works', async () => {
  pictureOnFailure('link')
  for (const link of [coppice.link, `${coppice.url}/join/nothing-of-the-kind`]) {
    const stranger = await newPerson(browser)
    const answer = await stranger.page.goto(link)
    expect(answer?.status()).toBe(410)
    const text = await stranger.page.locator('body').innerText()
    expect(text).toContain('This link no longer works')
    expect(text).toContain('Nothing was changed.')
    expect(text).toContain('coppice link')
    await stranger.context.close()
  }
  const { out } = await coppiceCommand(['link', '--data', coppice.data])
  const elsewhere = await newPerson(browser)
  await elsewhere.page.goto(out.trim())
  await elsewhere.page.getByRole('button', { name: 'Sign in' }).click()
  await elsewhere.page.getByRole('heading', { name: 'Welcome' }).waitFor()
  await elsewhere.context.close()
})

test('a repository that cannot be used is refused with the reason; what was typed stays, and no workspace is made', async () => {
  pictureOnFailure('repository')
  const { page } = mara
  const plain = join(folder, 'plain')
  const empty = join(folder, 'empty')
  const aFile = join(folder, 'a-file')
  await promisify(execFile)('mkdir', [plain, empty])
  await git(empty, 'init', '--quiet', '--initial-branch=main')
  await writeFile(aFile, 'x')
  const cases: readonly (readonly [string, string])[] = [
    [plain, `${plain} is not a git repository. Run "git init" there and commit something, or choose another folder.`],
    [empty, `The repository ${empty} has no commit yet. Commit something there first`],
    [join(folder, 'nowhere'), `There is no folder ${join(folder, 'nowhere')} on this runner's machine.`],
    [aFile, `${aFile} is not a folder. Give the folder of a git repository.`],
    ['http://127.0.0.1:9/none.git', 'git could not fetch http://127.0.0.1:9/none.git: unable to access'],
    [`file://${folder}/no-such.git`, 'Check the address, and that the runner'],
    ['   ', 'Type a path on the runner’s machine, or a Git URL.'],
  ]
  const box = page.getByLabel("Path on the runner's machine, or a Git URL")
  for (const [given, words] of cases) {
    await box.fill(given)
    await box.press('Enter')
    const failure = page.locator('#add-failure', { hasText: words })
    await failure.waitFor()
    await expect.poll(() => failure.innerText()).toContain('Nothing was changed.')
    expect(await box.inputValue()).toBe(given)
  }
  await page.getByRole('heading', { name: 'Welcome' }).waitFor()
})

test('[G-9] changes in the checkout are named and stay there; a merge into it is refused and changes nothing', async () => {
  pictureOnFailure('dirty')
  const { page } = mara
  await writeFile(join(repo, 'README.md'), '# Half done\n')
  const box = page.getByLabel("Path on the runner's machine, or a Git URL")
  await box.fill(repo)
  await box.press('Enter')
  await page.getByRole('dialog', { name: 'New session' }).getByRole('button', { name: 'Cancel' }).click()
  await startSession(page, { message: script('Look', file('new.txt', 'new'), sh('cat README.md')), steps: 'Auto' })
  await conversation(page)
    .getByText(`Not in this worktree, since not committed in ${repo}: README.md. They were left as they are`)
    .waitFor()
  await conversation(page).getByText('exit 0').waitFor()
  await status(page, 'Waiting')
  const [name = ''] = await readdir(join(coppice.data, 'runner', 'worktrees'))
  const worktree = join(coppice.data, 'runner', 'worktrees', name)
  expect(await git(worktree, 'show', 'HEAD:README.md')).toBe('# Small')
  await git(worktree, 'add', '--all')
  await git(worktree, 'commit', '--quiet', '--message', 'New')
  const head = await git(repo, 'rev-parse', 'main')
  await openTab(page, 'Git')
  await page.getByRole('button', { name: 'Look again' }).first().click()
  await page.getByText('1 commit ahead').waitFor()
  await page.getByRole('button', { name: 'Merge to the starter branch' }).click()
  await page.getByRole('menuitem', { name: 'Merge commit' }).click()
  await page
    .getByText(
      `main is checked out in ${repo} with uncommitted changes (README.md). Commit or stash them there, then merge again. Nothing was changed.`,
    )
    .first()
    .waitFor()
  expect(await git(repo, 'rev-parse', 'main')).toBe(head)
  expect(await git(repo, 'status', '--porcelain')).toBe('M README.md')
  await git(repo, 'checkout', '--quiet', '--', 'README.md')
})

test('[S-15] a base branch that went away meanwhile: the session says so, keeps the message, and begins once it is back', async () => {
  pictureOnFailure('branch')
  const { page } = mara
  await git(repo, 'branch', 'doomed')
  const dialog = await openNewSession(page)
  await dialog.getByLabel('Base branch').selectOption('doomed')
  await dialog.getByRole('radio', { name: /Script/ }).click()
  await dialog.getByLabel('First message').fill(script('From a branch', sh('echo begun')))
  await git(repo, 'branch', '-D', 'doomed')
  await dialog.getByRole('button', { name: /^Start/ }).click()
  const failed = page.getByRole('region', { name: 'Worktree failed' })
  await failed.getByText(`There is no branch "doomed" in ${repo}. It has: main.`).waitFor()
  await failed.getByText('Your message is kept').waitFor()
  await page.getByText('echo begun').first().waitFor()
  await git(repo, 'branch', 'doomed', 'main')
  await failed.getByRole('button', { name: 'Try again' }).click()
  await approval(page).getByText('echo begun').first().waitFor()
})

test('a message over the limit is refused where it is written, and keeps its text', async () => {
  pictureOnFailure('limit')
  const { page } = mara
  const long = 'x'.repeat(48 * 1024 + 1)
  const dialog = await openNewSession(page)
  await dialog.getByLabel('First message').fill(long)
  await dialog.getByText('A message is at most 48 KiB. It is kept here; shorten it.').waitFor()
  await expect.poll(() => dialog.getByRole('button', { name: /^Start/ }).isDisabled()).toBe(true)
  await dialog.getByLabel('First message').fill('')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await composer(page).fill(long)
  await page.getByText('A message is at most 48 KiB. It is kept here; shorten it, or attach the rest').waitFor()
  await composer(page).press('Enter')
  await page.reload()
  await page.getByText('A message is at most 48 KiB.').waitFor()
  await expect.poll(() => composer(page).inputValue()).toBe(long)
  await composer(page).fill('')
})

test('a provider that is not installed is greyed, with the reason; once installed it can be chosen', async () => {
  pictureOnFailure('provider')
  const { page } = mara
  const dialog = await openNewSession(page)
  const card = dialog.getByRole('radio', { name: /OpenCode/ })
  await expect.poll(() => card.getAttribute('aria-disabled')).toBe('true')
  await expect
    .poll(() => card.innerText())
    .toContain('OpenCode is not installed. Install it with "npm install -g opencode-ai"')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await agent.install()
  await coppice.kill('runner')
  const again = await openNewSession(page)
  await expect
    .poll(() => again.getByRole('radio', { name: /OpenCode/ }).getAttribute('aria-disabled'), { timeout: 120_000 })
    .toBe('false')
  await again.getByRole('button', { name: 'Cancel' }).click()
})

test.each([
  ['exits', /The agent ended.*cannot find my configuration/s],
  ['garbage', /Welcome to the wrong mode/],
  ['silent', /did not answer "initialize" within 30 s/],
  ['dies', /ended by itself \(code 7\)/],
])('an agent that goes wrong (%s) fails its turn with the reason, and leaves no process', async (how, words) => {
  pictureOnFailure(`agent-${how}`)
  const { page } = mara
  await agent.behave(how)
  await startSession(page, { message: `Say hello, ${how}`, provider: 'OpenCode', steps: 'Auto' })
  const end = conversation(page).locator('.system-row', { hasText: 'The turn failed' })
  await end.waitFor({ timeout: 120_000 })
  await expect.poll(() => end.innerText()).toMatch(words)
  await status(page, 'Failed')
  await conversation(page).getByText(`Say hello, ${how}`).first().waitFor()
  await expect.poll(() => processesWith(`misbehaving-agent.ts ${how} ${agent.folder}`), { timeout: 60_000 }).toEqual([])
  // The session goes on with the next message, here with an agent that has come to its senses.
  await agent.behave('banner')
  await composer(page).fill('And now?')
  await composer(page).press('Enter')
  await conversation(page).getByText('working').last().waitFor()
  await status(page, 'Waiting')
})

async function openNewSession(page: Page): Promise<Locator> {
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  await page.getByRole('dialog', { name: 'New' }).getByText('New session', { exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'New session' })
  await dialog.getByLabel('First message').waitFor()
  return dialog
}
