/**
 * Typing in a file in the browser: keystroke to paint alone, beside two people who type in the same file while an agent writes into
 * it, too; and from one person's key to the other person's screen.
 *
 *   pnpm bench typing [--strokes 120] [--lines 2000]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { composer, script, sh, signIn, startSession, status } from '../test/story/steps.ts'
import { launchBrowser, newPerson, type Person } from '../test/support/browser.ts'
import { RunningCoppice } from '../test/support/coppice.ts'
import { smallRepository } from '../test/support/repository.ts'
import { judge, percentile } from './support/figures.ts'
import { receivedStrokes, sentStrokes, typeStrokes, watchStrokes } from './support/editor-latency.ts'

const { values } = parseArgs({
  options: { strokes: { type: 'string', default: '120' }, lines: { type: 'string', default: '2000' } },
})
const strokes = Number(values.strokes)
const FILE = 'shared.ts'
/** The agent writes twice a second, for longer than the people type. */
const AGENT = `for i in $(seq ${strokes}); do echo "export const later$i = $i" >> ${FILE}; sleep 0.5; done`
const words = (all: readonly number[]): string =>
  `p50 ${percentile(all, 0.5).toFixed(1)}, p95 ${percentile(all, 0.95).toFixed(1)}, p99 ${percentile(all, 0.99).toFixed(1)} ms`

const repo = await smallRepository()
const coppice = await RunningCoppice.start({ repo })
const browser = await launchBrowser()
try {
  const mara = await newPerson(browser)
  await signIn(mara.page, coppice.link, 'mara')
  const jo = await invited(mara)
  await startSession(mara.page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
  const session = mara.page.url()
  const worktree = (await mara.page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  const file = path.join(worktree, FILE)
  const lines = Array.from(
    { length: Number(values.lines) },
    (_, n) => `export const value${n} = ${n} * 2 // of ${FILE}`,
  )
  writeFileSync(file, ['// m:', '// j:', ...lines, ''].join('\n'))

  await opens(mara, session)
  await watchStrokes(mara.page)
  await typeStrokes(mara.page, 0, 'M', strokes)
  const alone = await sentStrokes(mara.page, strokes)
  await mara.page.keyboard.press('Control+s')
  await mara.page.locator('.file-bar').getByText('Saved', { exact: true }).waitFor()

  await opens(jo, session)
  await composerOf(jo, session, script('Write', sh(AGENT)))
  await opens(jo, session)
  await watchStrokes(mara.page)
  await watchStrokes(jo.page)
  const before = readFileSync(file, 'utf8')
  await Promise.all([typeStrokes(mara.page, 0, 'M', strokes), typeStrokes(jo.page, 1, 'J', strokes)])
  const together = [...(await sentStrokes(mara.page, strokes)), ...(await sentStrokes(jo.page, strokes))]
  const seen = [
    ...(await receivedStrokes(mara.page, jo.page, 'M', strokes)),
    ...(await receivedStrokes(jo.page, mara.page, 'J', strokes)),
  ]
  const written = readFileSync(file, 'utf8').length - before.length

  process.stdout.write(`keystroke to paint   alone ${words(alone)}   two people and an agent ${words(together)}\n`)
  process.stdout.write(`key to the other's screen   ${words(seen)}; the agent wrote ${written} characters meanwhile\n`)
  if (written === 0) throw new Error('The agent wrote nothing while the people typed: nothing was measured.')
  judge(
    'keystroke to paint beside alone, p95',
    percentile(together, 0.95) / percentile(alone, 0.95),
    { atMost: 2 },
    'x',
  )
} finally {
  await browser.close()
  await coppice.stop()
}

async function invited({ page }: Person): Promise<Person> {
  await page.goto(`${coppice.url}/settings/members`)
  await page
    .getByRole('button', { name: /link|Invite/i })
    .first()
    .click()
  const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue()
  await page.goto(coppice.url)
  const person = await newPerson(browser)
  await signIn(person.page, link, 'jo')
  return person
}

async function opens({ page }: Person, session: string): Promise<void> {
  await page.goto(`${session}/file?path=${FILE}`)
  await page.getByRole('textbox', { name: `Text of ${FILE}` }).waitFor()
}

async function composerOf({ page }: { page: Page }, session: string, text: string): Promise<void> {
  await page.goto(session)
  await composer(page).fill(text)
  await composer(page).press('Enter')
  await status(page, 'In progress')
}
