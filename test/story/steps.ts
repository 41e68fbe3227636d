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
  await dialog.getByRole('button', { name: /^Start/ }).click()
  await dialog.waitFor({ state: 'detached' })
}

export const conversation = (page: Page): Locator => page.getByRole('feed')
export const approval = (page: Page): Locator => page.locator('[data-approval]').first()
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true })

export async function allow(page: Page): Promise<void> {
  await approval(page)
    .getByRole('button', { name: /Allow once/ })
    .click()
}

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

/** The session's status, as the header says it. */
export async function status(page: Page, word: string): Promise<void> {
  await page.locator('main header').getByRole('img', { name: word }).first().waitFor()
}

export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click()
}

/** A message that the Script provider runs. */
export const script = (text: string, ...blocks: string[]): string => [text, ...blocks].join('\n\n')
export const sh = (command: string): string => `\`\`\`sh\n${command}\n\`\`\``
export const file = (path: string, text: string): string => `\`\`\`file path=${path}\n${text}\n\`\`\``
