import type { Locator, Page } from 'playwright-core'

/** What a person does in the web app, in the words of the screen. */

export async function signIn(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: /Sign in|Join/ }).click()
  await online(page)
}

export const online = (page: Page): Promise<void> => page.locator('header').getByText('On line').first().waitFor()

export interface NewSession {
  readonly message: string
  readonly mode?: 'Chat' | 'Develop'
  readonly steps?: 'Manual' | 'Manual first' | 'Auto'
  readonly provider?: string
  readonly model?: string
  /** Toggles to switch on, by their labels. */
  readonly toggles?: readonly string[]
}

/** Opens the New session dialog from the sidebar, fills it, and starts. */
export async function startSession(page: Page, session: NewSession): Promise<void> {
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  await page.getByRole('dialog', { name: 'New' }).getByText('New session', { exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'New session' })
  await dialog.getByLabel('First message').waitFor()
  await dialog.getByRole('radio', { name: session.mode ?? 'Develop' }).click()
  await dialog.getByRole('radio', { name: session.steps ?? 'Manual', exact: true }).click()
  if (session.provider) await dialog.getByRole('radio', { name: new RegExp(session.provider) }).click()
  if (session.model !== undefined) await dialog.getByLabel('Model').selectOption(session.model)
  const toggles = dialog.getByRole('group', { name: 'Toggles' })
  for (const toggle of session.toggles ?? []) await toggles.getByRole('button', { name: toggle }).click()
  await dialog.getByLabel('First message').fill(session.message)
  const before = page.url()
  await dialog.getByRole('button', { name: /^Start/ }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.waitForURL((url) => url.href !== before)
}

export const conversation = (page: Page): Locator => page.getByRole('feed')
export const approval = (page: Page): Locator => page.locator('[data-approval]').first()
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true })

export async function allow(page: Page): Promise<void> {
  await approval(page)
    .getByRole('button', { name: /Allow once/ })
    .click()
}

/** So long a message may take to be shown before the story goes on without having seen it; one that is refused never is. */
const SHOWN_WITHIN_MS = 10_000

/** Sends a message, and waits until it is shown: before that the page says what was before it. */
export async function say(page: Page, text: string): Promise<void> {
  const [first = ''] = text.split('\n', 1)
  const shown = page.locator('.queued, .user-message').filter({ hasText: first.trim() })
  const before = await shown.count()
  await sendOff(page, text)
  const deadline = Date.now() + SHOWN_WITHIN_MS
  while ((await shown.count()) <= before && Date.now() < deadline) await page.waitForTimeout(50)
}

/** Sends a message and does not look at what becomes of it. */
export async function sendOff(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

const LOOK_AGAIN_MS = 200

/**
 * The session's status, as the header says it. Waiting is one that nothing is to be done in: between a message and its
 * turn, or between a worktree and the first turn, a session waits, too.
 */
export async function status(page: Page, word: string): Promise<void> {
  const shown = page.locator('main header').getByRole('img', { name: word }).first()
  await shown.waitFor()
  if (word !== 'Waiting') return
  const deadline = Date.now() + 120_000
  for (let same = 0; same < 2;) {
    const atRest = (await page.locator('.queued').count()) === 0 && (await shown.isVisible())
    same = atRest ? same + 1 : 0
    if (Date.now() > deadline) throw new Error('The session does not come to rest: a message waits, or its turn runs.')
    await page.waitForTimeout(LOOK_AGAIN_MS)
  }
}

export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()
}

/** A message that the Script provider runs. */
export const script = (text: string, ...blocks: string[]): string => [text, ...blocks].join('\n\n')
export const sh = (command: string): string => `\`\`\`sh\n${command}\n\`\`\``
export const file = (path: string, text: string): string => `\`\`\`file path=${path}\n${text}\n\`\`\``
