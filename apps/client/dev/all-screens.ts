import type { Page } from 'playwright-core'

/** A screen and how to get to it. */
export interface Screen {
  readonly name: string
  readonly query: string
  readonly act?: (page: Page) => Promise<unknown>
}

/** Every screen there is: what axe, the phone's width and the pictures go through. */
export const allScreens: readonly Screen[] = [
  { name: 'first run', query: 'fixture=empty' },
  { name: 'home', query: 'fixture=harbor&at=/' },
  { name: 'add a repository', query: 'fixture=harbor&at=/add' },
  { name: 'session', query: 'fixture=harbor&at=/session/limit' },
  { name: 'a message with files', query: 'fixture=harbor&at=/session/limit', act: attachAndSend },
  { name: 'mention a file', query: 'fixture=harbor&at=/session/limit', act: (page) => typed(page, 'Look at @buck') },
  { name: 'pick a command', query: 'fixture=harbor&at=/session/limit', act: (page) => typed(page, '/') },
  { name: 'a session that failed', query: 'fixture=harbor&at=/session/fastify' },
  { name: 'a session that is done', query: 'fixture=harbor&at=/session/bundle' },
  {
    name: 'git',
    query: 'fixture=harbor&at=/session/limit',
    act: (page) => page.getByRole('tab', { name: 'Git' }).click(),
  },
  {
    name: 'files',
    query: 'fixture=harbor&at=/session/limit',
    act: async (page) => {
      await page.getByRole('tab', { name: /^Files/ }).click()
      await page.getByRole('button', { name: /^src/ }).click()
    },
  },
  {
    name: 'search in files',
    query: 'fixture=harbor&at=/session/limit',
    act: async (page) => {
      await page.getByRole('tab', { name: /^Search/ }).click()
      await page.getByRole('searchbox', { name: 'Search the files of this session' }).fill('takeToken')
      await page
        .getByRole('link', { name: /takeToken/ })
        .first()
        .waitFor()
    },
  },
  {
    name: 'replace in files',
    query: 'fixture=harbor&at=/session/limit',
    act: async (page) => {
      await page.getByRole('tab', { name: /^Search/ }).click()
      await page.getByRole('searchbox', { name: 'Search the files of this session' }).fill('takeToken')
      await page.getByRole('button', { name: 'Replace', exact: true }).click()
      await page.getByLabel('Replace with').fill('takeTokens')
      await page.getByRole('button', { name: /^Replace in 3 lines/ }).waitFor()
    },
  },
  { name: 'open a file', query: 'fixture=harbor&at=/session/limit', act: (page) => page.keyboard.press('Control+p') },
  {
    name: 'tasks',
    query: 'fixture=harbor&at=/session/limit',
    act: async (page) => {
      await page.getByRole('tab', { name: /^Tasks/ }).click()
      await page.getByText('listening on').waitFor()
    },
  },
  {
    name: 'hook logs',
    query: 'fixture=harbor&at=/session/limit',
    act: async (page) => {
      await page.getByRole('tab', { name: /^Hooks/ }).click()
      await page
        .getByRole('button', { name: /^Unit tests/ })
        .first()
        .click()
      await page.getByText('listening on').waitFor()
    },
  },
  { name: 'session hooks', query: 'fixture=harbor&at=/settings/hooks' },
  {
    name: 'a hook',
    query: 'fixture=harbor&at=/settings/hooks',
    act: async (page) => {
      await page.getByRole('button', { name: 'Change Unit tests' }).click()
      await page.getByLabel('Retries').fill('11')
    },
  },
  {
    name: 'terminals',
    query: 'fixture=harbor&at=/session/limit',
    act: (page) => page.getByRole('tab', { name: /^Terminal/ }).click(),
  },
  {
    name: 'preview',
    query: 'fixture=harbor&at=/session/limit',
    act: async (page) => {
      await page.getByRole('tab', { name: /^Preview/ }).click()
      await page.getByRole('button', { name: 'Open port 24310' }).waitFor()
    },
  },
  {
    name: 'context',
    query: 'fixture=harbor&at=/session/limit',
    act: (page) => page.getByRole('tab', { name: 'Context' }).click(),
  },
  { name: 'a budget that is used up', query: 'fixture=harbor&at=/session/guide' },
  { name: 'changes', query: 'fixture=harbor&at=/session/limit/changes' },
  {
    name: 'changes by hunk',
    query: 'fixture=harbor&at=/session/limit/changes?against=index',
    act: async (page) => {
      await page.getByRole('button', { name: 'Stage', exact: true }).first().waitFor()
      await page.keyboard.press('n')
      await page.keyboard.press('c')
    },
  },
  { name: 'compare', query: 'fixture=group&at=/group/colours' },
  {
    name: 'keep one',
    query: 'fixture=group&at=/group/colours',
    act: async (page) => {
      await page.getByRole('button', { name: 'Keep this one …' }).first().click()
      await page.getByRole('radio', { name: 'Squash' }).click()
    },
  },
  { name: 'file', query: 'fixture=harbor&at=/session/limit/file?path=src/a.ts' },
  {
    name: 'who wrote each line',
    query: 'fixture=harbor&at=/session/limit/file?path=src/limits/bucket.ts',
    act: async (page) => {
      await page.getByRole('button', { name: 'Blame' }).click()
      await page.getByRole('status', { name: 'Who wrote this line' }).filter({ hasText: 'Refuse politely' }).waitFor()
    },
  },
  {
    name: 'picture',
    query: 'fixture=harbor&at=/session/limit/file?path=docs/buckets.svg',
    act: async (page) => {
      await page.getByRole('button', { name: 'Show the picture' }).click()
      await page.getByText('SVG · 240 × 160').waitFor()
    },
  },
  {
    name: 'a picture that changed',
    query: 'fixture=harbor&at=/session/limit/changes?file=docs/buckets.svg',
    act: (page) => page.getByText('SVG · 240 × 160').nth(1).waitFor(),
  },
  { name: 'questions and plans', query: 'fixture=asks&at=/session/asks' },
  { name: 'inbox with questions', query: 'fixture=asks&at=/inbox' },
  { name: 'inbox', query: 'fixture=harbor&at=/inbox' },
  { name: 'search', query: 'fixture=harbor&at=/search' },
  { name: 'what was found', query: 'fixture=harbor&at=/search?q=limit' },
  { name: 'settings', query: 'fixture=harbor&at=/settings' },
  { name: 'workspace settings', query: 'fixture=harbor&at=/settings/workspaces' },
  {
    name: 'a task in the settings',
    query: 'fixture=harbor&at=/settings/workspaces',
    act: (page) => page.getByRole('button', { name: 'Change Dev server' }).click(),
  },
  { name: 'members', query: 'fixture=harbor&at=/settings/members' },
  { name: 'a script asks', query: 'fixture=group&at=/session/script' },
  { name: 'inbox with a script', query: 'fixture=group&at=/inbox' },
  { name: 'bots', query: 'fixture=group&at=/settings/bots' },
  {
    name: 'a bot',
    query: 'fixture=group&at=/settings/bots',
    act: (page) => page.getByRole('button', { name: 'Edit Guide to the house' }).click(),
  },
  {
    name: 'a session with a bot',
    query: 'fixture=group&at=/settings/bots',
    act: async (page) => {
      await page.getByRole('button', { name: 'Talk to it' }).click()
      await page.getByLabel('First message').waitFor()
    },
  },
  { name: 'runners', query: 'fixture=harbor&at=/settings/runners' },
  { name: 'secrets', query: 'fixture=harbor&at=/settings/secrets' },
  { name: 'new', query: 'fixture=harbor&at=/inbox', act: (page) => page.keyboard.press('c') },
  { name: 'new session', query: 'fixture=harbor&at=/inbox', act: newSession },
  {
    name: 'several agents',
    query: 'fixture=harbor&at=/inbox',
    act: async (page) => {
      await newSession(page)
      await page.getByRole('button', { name: 'Run with several agents' }).click()
    },
  },
  { name: 'palette', query: 'fixture=harbor&at=/session/limit', act: (page) => page.keyboard.press('Control+k') },
  { name: 'shortcuts', query: 'fixture=harbor&at=/inbox', act: (page) => page.keyboard.press('?') },
]

async function typed(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially(text)
  await page.getByRole('option').first().waitFor()
}

async function newSession(page: Page): Promise<void> {
  await page.keyboard.press('c')
  await page.getByRole('button', { name: 'New session' }).first().click()
  await page.getByLabel('First message').waitFor()
}

/** A frame, after whatever was asked for has had its moment: nothing of the page changed for a while. What never rests is looked at as it is. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const [quietMs, longestMs, lookMs] = [350, 20_000, 50]
    const began = performance.now()
    let changed = began
    const watch = new MutationObserver(() => (changed = performance.now()))
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    while (performance.now() - changed < quietMs && performance.now() - began < longestMs)
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    watch.disconnect()
    await new Promise((resolve) => requestAnimationFrame(resolve))
  })
}

/** A picture of one green dot, as a browser takes it for one. */
export const DOT = {
  name: 'dot.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

/** A message with a picture and a paper in the queue, and two more chosen. */
async function attachAndSend(page: Page): Promise<void> {
  const paper = { name: 'the paper that explains it all.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') }
  const choose = async (): Promise<void> => {
    await page.getByLabel('Files to attach').setInputFiles([DOT, paper])
    await page.getByRole('button', { name: 'Remove dot.png' }).waitFor()
    await page.getByText('4 B').first().waitFor()
  }
  await choose()
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('See these.')
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Queued messages' }).getByText('See these.').waitFor()
  await choose()
}
