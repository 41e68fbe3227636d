import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, openTab, say, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let worktree: string

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
  worktree = (await mara.page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  await writeFile(path.join(worktree, 'plan.ts'), 'const one = 1\nconst two = 2\nconst three = 3\n')
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `files-${name}`))
const tree = (page: Page): Locator => page.getByRole('group', { name: 'Files of the worktree' })
const row = (page: Page, name: string): Locator => tree(page).getByRole('button', { name: new RegExp(`^${name}`) })
const editor = (page: Page, name: string): Locator => page.getByRole('textbox', { name: `Text of ${name}` })
const onDisk = (name: string): Promise<string> => readFile(path.join(worktree, name), 'utf8')
const hasOnDisk = (name: string, text: string): Promise<void> => expect.poll(() => onDisk(name)).toBe(text)
/** In the page: all texts that are typed and not saved, as this device keeps them. */
const KEPT = `new Promise((resolve) => {
  const opening = indexedDB.open('coppice-unsaved')
  opening.onsuccess = () => {
    const reading = opening.result.transaction('texts').objectStore('texts').getAll()
    reading.onsuccess = () => {
      opening.result.close()
      resolve(reading.result.map(({ text }) => text).join('\\n'))
    }
  }
})`
const cameWithin = async (target: Locator, ms: number): Promise<boolean> => {
  const deadline = Date.now() + ms
  while (Date.now() < deadline) {
    if ((await target.count()) > 0) return true
    await target.page().waitForTimeout(50)
  }
  return false
}
/** What the bar says of a text that is on the disk; a text that was typed just now may still be said to be saved. */
const saved = (page: Page): Promise<void> => page.locator('.file-bar').getByText('Saved', { exact: true }).waitFor()

async function askFor(page: Page, button: string, name: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(name)
  await dialog.getByRole('textbox').press('Enter')
  await dialog.waitFor({ state: 'detached' })
}

test('[F-1] [F-2] a file is opened from the tree, changed and saved; it is in the worktree, and marked as changed', async () => {
  const { page } = mara
  pictureOnFailure('edit')
  await openTab(page, 'Files')
  await row(page, 'plan.ts').click()
  const text = editor(page, 'plan.ts')
  await text.waitFor()
  await text.press('Control+Home')
  await text.pressSequentially('// the plan\n')
  await page.locator('.file-bar').getByText('Not saved').waitFor()
  await text.press('Control+s')
  await hasOnDisk('plan.ts', '// the plan\nconst one = 1\nconst two = 2\nconst three = 3\n')
  await saved(page)
  await picture(page, 'files-editor')
})

test('[F-2] several cursors, find and replace, go to line, and colours for the language', async () => {
  const { page } = mara
  pictureOnFailure('power')
  const text = editor(page, 'plan.ts')
  await text.press('Control+Home')
  await text.press('Control+f')
  await page.getByPlaceholder('Find', { exact: true }).fill('const')
  await page.getByPlaceholder('Replace').fill('let')
  await page.getByRole('button', { name: 'replace all' }).click()
  await page.keyboard.press('Escape')
  await text.press('Control+End')
  await text.press('Control+Alt+ArrowUp')
  await text.press('Control+Alt+ArrowUp')
  await text.press('Home')
  await page.keyboard.type('/**/')
  await text.press('Control+s')
  await hasOnDisk('plan.ts', '// the plan\nlet one = 1\n/**/let two = 2\n/**/let three = 3\n/**/')
  await saved(page)
  await expect.poll(() => page.locator('.code-editor .cm-line span').count()).toBeGreaterThan(4)
})

test('what the agent writes while a person types in the same file is merged; where both wrote, it is asked', async () => {
  const { page } = mara
  pictureOnFailure('merge')
  const text = editor(page, 'plan.ts')
  await text.press('Control+Home')
  await page.keyboard.type('// mine')
  await page.keyboard.press('Enter')
  await writeFile(path.join(worktree, 'plan.ts'), `${await onDisk('plan.ts')}\n// by the agent\n`)
  await page.getByRole('button', { name: 'Back to the session' }).click()
  await say(page, script('Again', sh('true')))
  await conversation(page).getByText('exit 0').nth(1).waitFor()
  await page.goBack()
  await text.waitFor()
  await expect.poll(() => text.innerText()).toContain('by the agent')
  await expect.poll(() => text.innerText()).toContain('// mine')
  await text.press('Control+s')
  await expect.poll(() => onDisk('plan.ts')).toContain('// mine\n')
  expect(await onDisk('plan.ts')).toContain('// by the agent\n')
  await saved(page)

  await text.press('Control+Home')
  await page.keyboard.type('XX')
  await writeFile(path.join(worktree, 'plan.ts'), (await onDisk('plan.ts')).replace('// mine', '// theirs'))
  await text.press('Control+s')
  const alert = page.getByRole('alert').filter({ hasText: 'at places that you changed too' })
  await alert.waitFor()
  expect(await onDisk('plan.ts')).toContain('// theirs')
  await picture(page, 'files-conflict')
  await alert.getByRole('button', { name: 'Both, marked' }).click()
  await expect.poll(() => text.innerText()).toContain('>>>>>>> in the worktree')
  await page.getByRole('button', { name: 'Undo all' }).click()
  await expect.poll(() => text.innerText()).not.toContain('XX')
})

test('what is typed and not saved is there after a reload without the server', async () => {
  const { page, context } = mara
  pictureOnFailure('unsaved')
  const text = editor(page, 'plan.ts')
  await text.press('Control+Home')
  await page.keyboard.type('// not saved yet ')
  await expect.poll(() => page.evaluate(KEPT)).toContain('not saved yet')
  await context.setOffline(true)
  await page.reload()
  await context.setOffline(false)
  await page.reload()
  await expect.poll(() => text.innerText()).toContain('not saved yet')
  await page.getByRole('button', { name: 'Undo all' }).click()
})

test('[F-3] [F-4] [F-5] [F-6] files and folders are made, renamed and deleted from the tree', async () => {
  const { page } = mara
  pictureOnFailure('tree')
  await askFor(page, 'New folder', 'notes')
  await row(page, 'notes').waitFor()
  await askFor(page, 'New file', 'notes/first.md')
  await editor(page, 'notes/first.md').waitFor()
  await editor(page, 'notes/first.md').pressSequentially('hello')
  await page.keyboard.press('Control+s')
  await hasOnDisk('notes/first.md', 'hello')
  await saved(page)
  await row(page, 'notes').click()
  await row(page, 'first.md').hover()
  await page.getByRole('button', { name: 'Actions on first.md' }).click()
  await page.getByRole('menuitem', { name: 'Rename or move' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('notes/second.md')
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
  await editor(page, 'notes/second.md').waitFor()
  await row(page, 'second.md').hover()
  await page.getByRole('button', { name: 'Actions on second.md' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete file' }).click()
  await row(page, 'second.md').waitFor({ state: 'detached' })
  await expect.poll(() => onDisk('notes/second.md').catch((error: Error) => error.message)).toContain('ENOENT')
})

test('[K-1] [F-8] Ctrl+P opens a file by some letters; the ones opened last stand first', async () => {
  const { page } = mara
  pictureOnFailure('quick')
  await page.keyboard.press('Control+p')
  const field = page.getByRole('combobox', { name: 'File to open' })
  await field.waitFor()
  await expect.poll(() => page.getByRole('option').first().textContent()).toContain('plan.ts')
  await field.fill('readm')
  await expect.poll(() => page.getByRole('option').first().textContent()).toContain('README')
  await field.press('Enter')
  await editor(page, 'README.md').waitFor()
  await page.keyboard.press('Control+p')
  await expect.poll(() => page.getByRole('option').first().textContent()).toContain('README.md')
  await page.keyboard.press('Escape')
})

test('[F-8] fifteen files are kept: the sixteenth drops the oldest, opening again moves to the top', async () => {
  const { page } = mara
  const session = new URL(page.url()).pathname.split('/')[2] ?? ''
  for (let n = 0; n < 16; n += 1) await writeFile(path.join(worktree, `recent${n}.txt`), `${n}`)
  const open = async (name: string): Promise<void> => {
    await page.keyboard.press('Control+p')
    const field = page.getByRole('combobox', { name: 'File to open' })
    const found = page.getByRole('option', { name, selected: true })
    // A list of the worktree's files serves for a moment; then what is new is in it.
    for (let asked = 0; asked < 60; asked += 1) {
      await field.fill('')
      await field.fill(name)
      if (await cameWithin(found, 2_000)) break
    }
    await field.press('Enter')
    await editor(page, name).waitFor()
  }
  for (let n = 0; n < 16; n += 1) await open(`recent${n}.txt`)
  await open('recent3.txt')
  const recent = () => page.evaluate(`JSON.parse(localStorage.getItem('coppice:files:${session}'))`)
  const others = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 2, 1].map((n) => `recent${n}.txt`)
  await expect.poll(recent).toEqual(['recent3.txt', ...others])
})

test('[K-2] [F-7] [TB-2] [TB-3] Ctrl+Shift+F looks through the files; a hit opens its line', async () => {
  const { page } = mara
  pictureOnFailure('search')
  await page.keyboard.press('Control+Shift+F')
  const field = page.getByRole('searchbox', { name: 'Search the files of this session' })
  await field.fill('by the AGENT')
  const hit = page.getByRole('link', { name: /by the agent/ })
  await hit.waitFor()
  await picture(page, 'files-search')
  await page.getByRole('button', { name: 'Match case' }).click()
  await page.getByText('Nothing found.').waitFor()
  await page.getByRole('button', { name: 'Match case' }).click()
  await hit.click()
  await editor(page, 'plan.ts').waitFor()
  await expect.poll(() => new URL(page.url()).searchParams.get('line')).toMatch(/^\d+$/)
  await field.fill('(')
  await page.getByRole('button', { name: 'Regular expression' }).click()
  await page.getByText(/parenthes|Unmatched/i).waitFor()
})
