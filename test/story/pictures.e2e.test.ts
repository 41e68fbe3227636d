import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { png } from '../support/png.ts'
import { beginStory } from './begin.ts'
import { conversation, script, sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let page: Page
let worktree: string
let session: string

const drawing = (colour: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>document.title = 'caught'</script><rect width="40" height="20" fill="${colour}"/></svg>\n`

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  page = mara.page
  page.setDefaultTimeout(60_000)
  await startSession(page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await conversation(page).getByText('exit 0').first().waitFor()
  await status(page, 'Waiting')
  worktree = (await page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  session = page.url()
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(page, `pictures-${name}`))
const put = (name: string, content: string | Uint8Array): Promise<void> => writeFile(path.join(worktree, name), content)
const open = (name: string): Promise<unknown> => page.goto(`${session}/file?path=${encodeURIComponent(name)}`)
const shown = (name: string): Locator => page.getByRole('img', { name, exact: true })
const widthOf = (image: Locator): Promise<number> =>
  image.evaluate((element) => ('naturalWidth' in element ? Number(element.naturalWidth) : 0))

test('[F-2] a picture is shown with its kind, dimensions and size; one that is broken is said to be so', async () => {
  pictureOnFailure('file')
  const red = png(64, 48, [200, 40, 40])
  await put('red.png', red)
  await put('cut.png', red.subarray(0, -20))
  await put('broken.png', red.subarray(0, 20))
  await put('not.png', 'just words\n\0')
  await open('red.png')
  await page.getByText(`PNG · 64 × 48 · ${red.length} B`).waitFor()
  await expect.poll(() => widthOf(shown('red.png')), { timeout: 60_000 }).toBe(64)
  await picture(page, 'pictures-file')
  await open('cut.png')
  await page.getByText('broken: its end is missing').waitFor()
  await open('broken.png')
  await page.getByText('This picture is broken').waitFor()
  await open('not.png')
  await page.getByText('not.png cannot be shown as a picture').waitFor()
})

test('a drawing is text and picture, and nothing in it runs', async () => {
  pictureOnFailure('drawing')
  await put('mark.svg', drawing('teal'))
  await open('mark.svg')
  await page.getByRole('textbox', { name: 'Text of mark.svg' }).waitFor()
  await page.getByRole('button', { name: 'Show the picture' }).click()
  await page.getByText('SVG · 40 × 20').waitFor()
  expect(await shown('mark.svg').getAttribute('src')).toMatch(/^blob:/)
  expect(await page.title()).not.toContain('caught')
  await page.getByRole('button', { name: 'Show the text' }).click()
  await page.getByRole('textbox', { name: 'Text of mark.svg' }).waitFor()
})

test('[TD-4] the changes show a picture before and after, one that came or went alone', async () => {
  pictureOnFailure('changes')
  await put('new.png', png(10, 10, [0, 120, 0]))
  await commitAll()
  await put('red.png', png(80, 48, [40, 40, 200]))
  await put('added.png', png(12, 12, [0, 0, 0]))
  await put('mark.svg', drawing('olive'))
  await page.goto(`${session}/changes?against=head`)
  const file = (name: string): Locator => page.getByRole('region', { name, exact: true })
  await file('red.png').getByText('PNG · 64 × 48').waitFor()
  await file('red.png').getByText('PNG · 80 × 48').waitFor()
  await expect.poll(() => widthOf(shown('Before: red.png')), { timeout: 60_000 }).toBe(64)
  await expect.poll(() => widthOf(shown('After: red.png')), { timeout: 60_000 }).toBe(80)
  await file('added.png').getByText('PNG · 12 × 12').waitFor()
  expect(await file('added.png').getByText('Before', { exact: true }).count()).toBe(0)
  await shown('After: mark.svg').waitFor()
  await file('mark.svg').getByText('olive').first().waitFor()
  await picture(page, 'pictures-changes')
})

async function commitAll(): Promise<void> {
  const { git } = await import('../../apps/runner/src/git/git.ts')
  await git(worktree, ['add', '-A'])
  await git(worktree, ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'pictures'])
}
