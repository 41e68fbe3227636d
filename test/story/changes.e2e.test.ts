import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, script, sh, signIn, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let worktree: string
let page: Page

const long = Array.from({ length: 120 }, (_, n) => `export const value${n + 1} = ${n + 1}`)

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  page = mara.page
  page.setDefaultTimeout(60_000)
  const begin = [
    'for i in $(seq 120); do echo "export const value$i = $i"; done > long.ts',
    'git add -A && git -c user.name=a -c user.email=a@b commit -qm long && echo committed',
  ]
  await startSession(page, { message: script('Begin', sh(begin.join('\n'))), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  const changed = long.with(59, 'export const value60 = sixty').toSpliced(100, 1)
  await writeFile(path.join(worktree, 'long.ts'), `${changed.join('\n')}\n`)
  await writeFile(path.join(worktree, 'second.ts'), 'const one = 1\n')
  await page.goto(`${page.url()}/changes?against=head`)
  await fileOf('long.ts').waitFor()
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(page, `changes-${name}`))
const fileOf = (name: string): Locator => page.getByRole('region', { name, exact: true })
const batch = (): Locator => page.getByRole('region', { name: 'Gathered comments' })

async function invitation(): Promise<string> {
  await page.goto(`${coppice.url}/settings/members`)
  await page
    .getByRole('button', { name: /link|Invite/i })
    .first()
    .click()
  return page.getByRole('textbox', { name: 'Invitation link' }).inputValue()
}

test('[TD-4] what differs stands side by side or in one column, with colours and the words that differ marked', async () => {
  pictureOnFailure('layout')
  const file = fileOf('long.ts')
  await expect.poll(() => file.locator('mark').allTextContents(), { timeout: 60_000 }).toEqual(['60', 'sixty'])
  await expect.poll(() => file.locator('.syn-key').count(), { timeout: 60_000 }).toBeGreaterThan(4)
  await expect.poll(() => file.locator('.diff-half.del').count()).toBe(2)
  await page.getByRole('radio', { name: 'Unified' }).click()
  await file.locator('.diff-row.del', { hasText: 'value60 = 60' }).waitFor()
  await expect.poll(() => file.locator('.diff-half').count()).toBe(0)
  await page.getByRole('radio', { name: 'Split' }).click()
  await file.locator('.diff-half').first().waitFor()
})

test('hidden lines are shown from either end of their fold, and all of them', async () => {
  pictureOnFailure('fold')
  const file = fileOf('long.ts')
  await file.getByRole('button', { name: 'Show lines above' }).first().click()
  await file.getByText('value50 = 50').first().waitFor()
  expect(await file.getByText('value30 = 30').count()).toBe(0)
  await file.getByRole('button', { name: '36 lines' }).click()
  await file.getByText('value30 = 30').first().waitFor()
  await file.getByText('export const value1 = 1', { exact: true }).first().waitFor()
})

test('[BE-7] comments on lines are gathered, seen live by others, and sent as one message with file, line and code', async () => {
  pictureOnFailure('comments')
  const here = page.url()
  const link = await invitation()
  await page.goto(here)
  const other = await newPerson(browser)
  await signIn(other.page, link, 'jo')
  await other.page.goto(here)
  other.page.setDefaultTimeout(60_000)
  const theirs = other.page.getByRole('region', { name: 'long.ts', exact: true })
  await theirs.waitFor()

  await fileOf('long.ts').getByRole('button', { name: 'Comment on line 60' }).last().click()
  await page.getByRole('textbox', { name: 'Comment on line 60' }).fill('Why in words?')
  await page.getByRole('button', { name: 'Gather' }).click()
  await batch().getByText('comment on 1 file').waitFor()
  await theirs.getByText('Why in words?').waitFor()
  await theirs.getByRole('textbox', { name: 'Reply on line 60' }).fill('Because of the test.')
  await theirs.getByRole('button', { name: 'Reply', exact: true }).click()
  await fileOf('long.ts').getByText('Because of the test.').waitFor()

  // Lines above come; the comment stays with its line.
  const now = await readFile(path.join(worktree, 'long.ts'), 'utf8')
  await writeFile(path.join(worktree, 'long.ts'), `// new\n// lines\n${now}`)
  await page.reload()
  await fileOf('long.ts').getByText('Why in words?').waitFor()
  await fileOf('long.ts').getByRole('button', { name: 'Comment on line 62' }).first().waitFor()
  await expect.poll(() => fileOf('long.ts').getByText('not among the lines shown').count()).toBe(0)

  await batch()
    .getByRole('button', { name: /Send as one message/ })
    .click()
  await batch().waitFor({ state: 'detached' })
  await fileOf('long.ts').getByText('sent', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Back to the session' }).click()
  const message = conversation(page).getByRole('article').filter({ hasText: 'Comments on the changes' }).first()
  await message.getByText('long.ts:60').waitFor()
  await message.getByText('export const value60 = sixty').waitFor()
  await message.getByText('Because of the test.').waitFor()
  await page.goBack()
  await fileOf('long.ts').waitFor()
  await other.context.close()
})

test('a comment is written off line, and is there for everybody when the connection is back', async () => {
  pictureOnFailure('offline')
  await fileOf('second.ts').getByRole('button', { name: 'Comment on line 1' }).last().waitFor()
  await mara.context.setOffline(true)
  await fileOf('second.ts').getByRole('button', { name: 'Comment on line 1' }).last().click()
  await page.getByRole('textbox', { name: 'Comment on line 1' }).fill('Off line')
  await page.getByRole('button', { name: 'Gather' }).click()
  await fileOf('second.ts').getByText('Off line').waitFor()
  await mara.context.setOffline(false)
  await page.locator('header').getByText('On line').first().waitFor()
  await page.reload()
  await fileOf('second.ts').getByText('Off line').waitFor()
  await fileOf('second.ts').getByRole('button', { name: 'Resolve' }).click()
  await fileOf('second.ts').getByText('Off line').waitFor({ state: 'detached' })
  await batch().waitFor({ state: 'detached' })
})

test('what was viewed is so on all devices of the person, also where one was off line', async () => {
  const tablet = await browser.newContext({ storageState: await mara.context.storageState() })
  tablet.setDefaultTimeout(60_000)
  const other = await tablet.newPage()
  onTestFailed(async () => {
    await picture(page, 'changes-viewed')
    await picture(other, 'changes-viewed-tablet')
  })
  const viewed = (at: Page, name: string) =>
    at.getByRole('region', { name, exact: true }).getByRole('checkbox', { name: 'Viewed' })
  const count = (at: Page, words: string): Promise<void> => at.getByText(words).waitFor()
  await other.goto(page.url())
  await count(other, '0 of 2 viewed')
  await viewed(page, 'long.ts').check()
  for (const at of [page, other]) await count(at, '1 of 2 viewed')
  await tablet.setOffline(true)
  await other.locator('header').getByText('Off line').first().waitFor()
  await viewed(other, 'second.ts').check()
  await count(other, '2 of 2 viewed')
  await count(page, '1 of 2 viewed')
  await tablet.setOffline(false)
  await count(page, '2 of 2 viewed')
  for (const name of ['long.ts', 'second.ts']) await viewed(page, name).uncheck()
  for (const at of [page, other]) await count(at, '0 of 2 viewed')
  await tablet.close()
})

test('keys lead through files and changes; what was viewed stays so until the file changes', async () => {
  pictureOnFailure('keys')
  // A key leads to a change only when the changes are there.
  for (const name of ['long.ts', 'second.ts']) await fileOf(name).locator('.diff-half').first().waitFor()
  await page.getByRole('group', { name: 'Changes' }).focus()
  await page.keyboard.press('n')
  await page.locator('.diff-row.chosen').first().waitFor()
  await page.keyboard.press('c')
  await page.getByRole('region', { name: 'New comment' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('region', { name: 'New comment' }).waitFor({ state: 'detached' })
  await page.keyboard.press('v')
  await page.getByText('1 of 2 viewed').waitFor()
  await page.reload()
  await page.getByText('1 of 2 viewed').waitFor()
  await writeFile(path.join(worktree, 'long.ts'), 'all new\n')
  await writeFile(path.join(worktree, 'second.ts'), 'all new, too\n')
  await page.reload()
  await page.getByText('0 of 2 viewed').waitFor()
  await page.keyboard.press('t')
  await page.keyboard.type('second')
  await fileOf('long.ts').waitFor({ state: 'detached' })
  await expect.poll(() => page.getByRole('navigation', { name: 'Changed files' }).getByRole('button').count()).toBe(1)
})
