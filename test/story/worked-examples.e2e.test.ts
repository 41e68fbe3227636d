import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint, type ModelEndpoint } from '../agents/model-endpoint.ts'
import { launchBrowser, newPerson, picture, type Person, type Screen } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { emptyRemote, git, smallRepository } from '../support/repository.ts'
import { keyboard, mouse, reach, touch, widest, type Hands } from './hands.ts'
import { approval, composer, conversation, file, script, sh, signIn, status } from './steps.ts'

/** Whole flows, each with a mouse at a desk, by keyboard alone, and by touch on a phone. */
let endpoint: ModelEndpoint
let coppice: RunningCoppice
let browser: Browser
let remote: string
let desk: string
/** What makes a browser mara's. */
let cookies: Awaited<ReturnType<Person['context']['cookies']>>

const run = promisify(execFile)
/** A whole flow, key by key, on a machine that has other things to do. */
const FLOW_MS = 600_000
const greet = 'export const greet = (name) => `Hello, ${name}!`\nconsole.log(greet("you"))\n'
const notes = 'The cellar key is kept\nunder the blue flower pot.\n'

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  remote = await emptyRemote()
  desk = await mkdtemp(path.join(tmpdir(), 'coppice-desk-'))
  await writeFile(path.join(desk, 'ide'), `#!/bin/sh\nprintf %s "$1" > "$COPPICE_OPENED"\n`)
  await chmod(path.join(desk, 'ide'), 0o755)
  const repo = await smallRepository({ 'README.md': '# Small\n', 'greet.js': greet, 'notes.md': notes })
  await git(repo, 'remote', 'add', 'origin', remote)
  await git(repo, 'push', '--quiet', 'origin', 'main')
  coppice = await RunningCoppice.start({ repo, env: keysFor(endpoint) })
  browser = await launchBrowser()
  const first = await newPerson(browser)
  await signIn(first.page, coppice.link, 'mara')
  cookies = await first.context.cookies()
  await first.context.close()
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
  await endpoint?.close()
  await rm(desk, { recursive: true, force: true })
})

interface Way {
  readonly title: string
  /** What each of the flows shows besides itself. */
  readonly id: string
  readonly screen: Screen
  readonly hands: (page: Page) => Hands
}

const ways: readonly Way[] = [
  { title: 'with a mouse', id: '', screen: { width: 1280, height: 800 }, hands: () => mouse },
  { title: 'by keyboard alone', id: ' [UX-2]', screen: { width: 1280, height: 800 }, hands: keyboard },
  { title: 'on a phone', id: ' [UX-3]', screen: { width: 390, height: 844, touch: true }, hands: () => touch },
]

describe.each(ways)('$title', { timeout: FLOW_MS }, ({ id, screen, hands: handsOn }) => {
  let person: Person
  let page: Page
  let hands: Hands

  beforeAll(async () => {
    person = await newPerson(browser, screen)
    page = person.page
    await person.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    hands = handsOn(page)
    await person.context.addCookies(cookies)
    await page.goto(coppice.url)
    await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).waitFor()
  })
  afterAll(() => person?.context.close())

  const phone = screen.touch === true
  const panel = (): Locator => page.getByRole('complementary', { name: 'Session panel' })
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true })
  const fits = (): Promise<void> => expect.poll(() => widest(page)).toBeLessThanOrEqual(screen.width)
  const pictureOnFailure = (name: string): void => onTestFailed(() => picture(page, `example-${name}-${hands.means}`))

  async function start(mode: 'Chat' | 'Develop', steps: string, provider: RegExp, message: string): Promise<void> {
    if (hands.means === 'keyboard') {
      await page.keyboard.press('Control+k')
      await page.getByRole('option').first().waitFor()
      await page.keyboard.type('new session')
      await page.getByRole('option', { name: /^New session in/, selected: true }).waitFor()
      await page.keyboard.press('Enter')
    } else {
      if (phone) await hands.press(page.getByRole('link', { name: 'Sessions' }))
      const list = page.getByRole('navigation', { name: 'Sessions' })
      await hands.press(list.locator('button:visible', { hasText: 'New' }))
      await hands.press(page.getByRole('dialog', { name: 'New' }).getByRole('button', { name: /^New session/ }))
    }
    const dialog = page.getByRole('dialog', { name: 'New session' })
    await hands.press(dialog.getByRole('radio', { name: mode }))
    await hands.press(dialog.getByRole('radio', { name: steps, exact: true }))
    await hands.press(dialog.getByRole('radio', { name: provider }))
    await hands.write(dialog.getByLabel('First message'), message)
    await fits()
    const before = page.url()
    await hands.press(dialog.getByRole('button', { name: /^Start/ }))
    await dialog.waitFor({ state: 'detached' })
    await page.waitForURL((url) => url.href !== before)
  }

  /** The folder of the session that was begun last. */
  async function worktree(): Promise<string> {
    await show('Info')
    const place = panel().locator('dd', { hasText: '/worktrees/' }).first()
    const found = (await place.textContent())?.trim() ?? ''
    await toSession()
    return found
  }

  async function show(tab: string): Promise<void> {
    if (phone) await hands.press(page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Panel' }))
    const chosen = page.getByRole('tab', { name: new RegExp(`^${tab}`) })
    // Pressed again, a tab folds the panel.
    if ((await chosen.getAttribute('aria-selected')) !== 'true') await hands.press(chosen)
    await fits()
  }

  async function toSession(): Promise<void> {
    if (phone)
      await hands.press(page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Session' }))
  }

  async function say(text: string): Promise<void> {
    await hands.write(composer(page), text)
    if (phone) await hands.press(page.locator('.composer').getByRole('button', { name: /^(Send|Queue)/ }))
    else await page.keyboard.press('Enter')
  }

  /** Allows the step that stands open, and waits until another or none does. */
  async function allow(): Promise<void> {
    const id = await approval(page).getAttribute('data-approval')
    const card = page.locator(`[data-approval="${id}"]`)
    await fits()
    if (hands.means === 'keyboard') {
      await reach(page, card)
      // Keys count when the card has had the focus for half a second.
      await page.waitForTimeout(700)
      await page.keyboard.press('y')
    } else await hands.press(card.getByRole('button', { name: /Allow once/ }))
    await card.waitFor({ state: 'detached' })
  }

  test(`[X-1] [TB-4]${id} Develop on a new branch, Manual first, then Auto; edits, review, commit and push`, async () => {
    pictureOnFailure('develop')
    const edit = '```edit path=greet.js\n<<<<<<< find\nHello\n=======\nGood morning\n>>>>>>> replace\n```'
    const first = script(`Greet in the morning, ${hands.means}`, edit, sh('node greet.js'))
    await start('Develop', 'Manual first', /^Script/, first)
    await approval(page).waitFor()
    await expect.poll(() => approval(page).innerText()).toContain('Good morning')
    await allow()
    await approval(page).getByText('Run a command?').waitFor()
    await allow()
    const row = conversation(page).locator('.tool-row', { hasText: /Edit\s*greet\.js/ })
    await row.waitFor()
    await conversation(page).getByText('exit 0').waitFor()
    await status(page, 'Waiting')
    await conversation(page).locator('.inline-diff', { hasText: 'Good morning' }).waitFor()
    await hands.press(row.getByRole('link', { name: 'Open greet.js' }))
    await page.getByRole('region', { name: 'greet.js', exact: true }).getByText('Good morning').first().waitFor()
    await fits()
    await hands.press(button('Back to the session'))

    await page.locator('.composer').getByRole('radio', { name: 'Auto', checked: true }).waitFor()
    const folder = await worktree()
    await say(script('And a test of it', file('greet.test.js', 'import "./greet.js"'), sh('node greet.test.js')))
    await expect.poll(() => readFile(path.join(folder, 'greet.test.js'), 'utf8').catch(() => '')).toContain('greet')
    await conversation(page).getByText('exit 0').nth(1).waitFor()
    await status(page, 'Waiting')
    expect(await approval(page).count()).toBe(0)

    await show('Git')
    await hands.press(panel().getByRole('region', { name: 'Changed' }).getByRole('link', { name: 'greet.js' }))
    await page.getByRole('region', { name: 'greet.js', exact: true }).getByText('Good morning').first().waitFor()
    await hands.press(button('Back to the session'))
    await show('Git')
    await hands.press(
      panel().getByRole('region', { name: 'Changed' }).getByRole('button', { name: 'Stage all', exact: true }),
    )
    await panel().getByRole('region', { name: 'Staged' }).getByText('greet.test.js').waitFor()
    await hands.write(panel().getByLabel('Commit message'), `Greet in the morning (${hands.means})`)
    await hands.press(panel().getByRole('button', { name: 'Commit 2 files' }))
    await panel().getByText('The worktree is clean').waitFor()
    await hands.press(panel().getByRole('button', { name: 'Push' }))
    const branch = await git(folder, 'branch', '--show-current')
    const pushed = () => git(remote, 'log', '-1', '--format=%an: %s', branch, '--').catch(() => '')
    await expect.poll(pushed).toBe(`mara: Greet in the morning (${hands.means})`)
    await fits()
    await toSession()
  })

  test(`[X-2]${id} a question with @file is answered after reading and searching; nothing changes; it is followed up`, async () => {
    pictureOnFailure('chat')
    await start('Chat', 'Manual', /^Coppice Code/, '')
    await conversation(page).waitFor()
    const folder = await worktree()
    const box = page.locator('.compose-box textarea')
    await box.waitFor()
    if (hands.means === 'keyboard') await page.keyboard.press('/')
    else await hands.press(box)
    await page.keyboard.type('Where is the key of @not')
    const option = page
      .getByRole('listbox', { name: 'Files' })
      .getByRole('option', { name: /notes\.md/, selected: true })
    await option.waitFor()
    if (hands.means === 'keyboard') await page.keyboard.press('Enter')
    else await hands.press(option)
    await expect.poll(() => box.inputValue()).toBe('Where is the key of @notes.md ')
    const asked = scripted([
      { read: 'notes.md' },
      { calls: [{ tool: 'search', input: { pattern: 'flower pot' } }] },
      { say: 'Under the pot, says line 2.' },
    ])
    await page.keyboard.insertText(asked)
    await fits()
    if (phone) await hands.press(page.locator('.composer').getByRole('button', { name: /^(Send|Queue)/ }))
    else await page.keyboard.press('Enter')
    await conversation(page).getByText('Under the pot, says line 2.', { exact: true }).waitFor()
    await status(page, 'Waiting')
    const told = JSON.stringify(endpoint.requests.at(-1))
    expect(told).toContain('under the blue flower pot.')
    expect(told).toContain('notes.md:2')

    await say(scripted([{ say: 'It was blue.' }]))
    await conversation(page).getByText('It was blue.', { exact: true }).waitFor()
    await status(page, 'Waiting')
    expect(JSON.stringify(endpoint.requests.at(-1))).toContain('Under the pot, says line 2.')
    expect(await git(folder, 'status', '--porcelain')).toBe('')
    expect(await git(folder, 'rev-parse', 'HEAD')).toBe(await git(folder, 'rev-parse', 'main'))
    await fits()
  })

  test(`[X-4] [TB-1]${id} opened in an editor, edited, committed and pushed there, pulled; the agent goes on from that`, async () => {
    pictureOnFailure('ide')
    await start('Develop', 'Auto', /^Script/, script(`Begin, ${hands.means}`, file('plan.txt', 'first: a plan')))
    await status(page, 'Waiting')
    const folder = await worktree()
    await expect.poll(() => readFile(path.join(folder, 'plan.txt'), 'utf8').catch(() => '')).toContain('a plan')
    await show('Info')
    const facts = panel().locator('dl.facts').first()
    for (const fact of ['Develop, Auto', 'Script', 'main at', folder]) await facts.getByText(fact).first().waitFor()
    for (const action of ['Rename', 'Change provider', 'Reset context', 'Complete', 'Cancel session'])
      await panel().getByRole('button', { name: action, exact: true }).waitFor()
    const block = page.getByRole('group', { name: 'Continue this session in your local IDE' })
    await hands.press(block.getByRole('button', { name: 'Open in IDE', exact: true }))
    const dialog = page.getByRole('dialog', { name: 'Open in IDE' })
    await expect.poll(() => dialog.getByLabel('Bash command', { exact: true }).textContent()).toContain('COPPICE_TOKEN')
    await fits()
    await hands.press(dialog.getByRole('button', { name: 'Copy the Bash command' }))
    const copied = () => page.evaluate<string>('navigator.clipboard.readText()')
    await expect.poll(copied).toContain('COPPICE_TOKEN')
    const line = await copied()
    await hands.press(dialog.getByRole('button', { name: 'Done' }))
    const opened = path.join(desk, `opened-${hands.means}`)
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: desk,
      COPPICE_IDE: path.join(desk, 'ide'),
      COPPICE_OPENED: opened,
    }
    await run('bash', ['-c', line], { cwd: desk, env })
    const clone = await readFile(opened, 'utf8')
    expect(await readdir(clone)).toContain('plan.txt')
    await writeFile(path.join(clone, 'greet.js'), greet.replace('Hello', 'Ahoy'))
    await git(clone, 'add', 'greet.js')
    await git(clone, 'commit', '--quiet', '--message', 'Ahoy, from my desk')
    await git(clone, 'push', '--quiet')

    await hands.press(block.getByRole('button', { name: 'Pull from IDE (Remote)', exact: true }))
    await expect.poll(() => readFile(path.join(folder, 'greet.js'), 'utf8')).toContain('Ahoy')
    await toSession()
    await conversation(page)
      .getByText(/IDE: pulled/)
      .waitFor()
    await say(script('Go on from there', sh('node greet.js > said.txt')))
    await expect.poll(() => readFile(path.join(folder, 'said.txt'), 'utf8').catch(() => '')).toBe('Ahoy, you!\n')
    await fits()
  })

  test('nothing on the way complained in the console', () => {
    expect(person.complaints).toEqual([])
  })
})
