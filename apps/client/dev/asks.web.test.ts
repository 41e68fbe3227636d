import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openScreens, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

type StandIn = { standIn: { allEvents(): { type: string; data: Record<string, unknown> }[] } }
const told = (page: Page, type: string): Promise<Record<string, unknown>[]> =>
  page.evaluate(
    (wanted) =>
      (globalThis as unknown as StandIn).standIn
        .allEvents()
        .filter((event) => event.type === wanted)
        .map(({ data }) => data),
    type,
  )
const lastTold = async (page: Page, type: string): Promise<Record<string, unknown> | undefined> =>
  (await told(page, type)).at(-1)
const card = (page: Page, id: string) => page.locator(`[data-action="${id}"]`)

test('[M-6] [MA-2] a question is answered in the conversation: options, another answer, and afterwards what was said', async () => {
  const page = await screens.open('fixture=asks&at=/session/asks')
  const question = card(page, 'waiting')
  await question.getByText('it waits for the answer').waitFor()
  await expect.poll(() => question.getByRole('button', { name: 'Answer' }).isDisabled()).toBe(true)
  await question.getByRole('checkbox', { name: 'receipts_2019' }).check()
  await question.getByRole('checkbox', { name: 'receipt_mail' }).check()
  await question.getByLabel('Another answer').fill('but keep the mails of this year')
  await question.getByLabel('Another answer').press('Enter')
  await page.getByText('receipts_2019; receipt_mail').waitFor()
  await question.waitFor({ state: 'detached' })
  await expect
    .poll(() => lastTold(page, 'action.answered'))
    .toMatchObject({
      actionId: 'waiting',
      delivery: 'waiting',
      answer: { options: ['receipts_2019', 'receipt_mail'], other: 'but keep the mails of this year' },
    })
  await page.close()
})

test('[MA-4] a block that is a question stands as one; a malformed one stays text with a note', async () => {
  const page = await screens.open('fixture=asks&at=/session/asks')
  await page.getByText('Asked below.').waitFor()
  await page.getByText('This was meant as an action, but it is no JSON object. It stays as text.').waitFor()
  await expect.poll(() => page.locator('.code-block', { hasText: '"title"' }).count()).toBe(1)
  await page.getByText('mara answered:').waitFor()
  await page.close()
})

test('[MA-3] a plan is edited and approved: a Develop session begins with its text, and the plan says which', async () => {
  const page = await screens.open('fixture=asks&at=/session/asks')
  const plan = card(page, 'plan').getByRole('textbox', { name: 'Plan' })
  await expect.poll(() => plan.inputValue()).toContain('3. Back-fill in batches of 500')
  await plan.press('Control+End')
  await plan.pressSequentially('\n4. Tell the bookkeepers')
  await card(page, 'plan').getByRole('button', { name: 'Approve and start' }).click()
  await page.locator('.head').getByText('Receipts in PostgreSQL').waitFor()
  const made = async () => (await told(page, 'session.created')).find(({ name }) => name === 'Receipts in PostgreSQL')
  await expect.poll(made).toMatchObject({
    mode: 'develop',
    name: 'Receipts in PostgreSQL',
    toggles: ['edge_cases', 'verification'],
  })
  await expect
    .poll(async () => (await told(page, 'message.queued')).map(({ text }) => text))
    .toContainEqual(expect.stringContaining('4. Tell the bookkeepers'))
  await expect
    .poll(() => lastTold(page, 'action.answered'))
    .toMatchObject({
      actionId: 'plan',
      answer: { kind: 'approved', sessionId: (await made())?.['sessionId'] },
    })
  await page.close()
})

test('[MA-1] a proposed ticket is filled in and kept', async () => {
  const page = await screens.open('fixture=asks&at=/session/asks')
  const ticket = card(page, 'ticket')
  await ticket.getByLabel('Title').fill('Receipts need a retention')
  await ticket.getByRole('button', { name: 'Keep it' }).click()
  await page.getByText('mara kept it.').waitFor()
  await expect
    .poll(() => lastTold(page, 'action.answered'))
    .toMatchObject({
      answer: { kind: 'ticket', title: 'Receipts need a retention', description: 'They stay for ever.' },
    })
  await page.close()
})

test('[MA-2] the inbox has questions, and answers them there', async () => {
  const page = await screens.open('fixture=asks&at=/inbox')
  const row = page.getByRole('article', { name: 'A question in Store the receipts' })
  await row.getByRole('checkbox', { name: 'legacy_receipts' }).check()
  await row.getByRole('button', { name: 'Answer' }).click()
  await row.waitFor({ state: 'detached' })
  await page.getByRole('article', { name: 'A plan in Store the receipts' }).waitFor()
  await page.close()
})

test('[S-18] [T-9] toggles of the form begin with the workspace’s; those of a session change in Session Info; what the agent was told can be read', async () => {
  const page = await screens.open('fixture=asks&at=/session/asks')
  const toggles = page.getByRole('group', { name: 'Toggles of this session' })
  const chip = (name: string) => toggles.getByRole('button', { name })
  await expect.poll(() => chip('Verification').getAttribute('aria-pressed')).toBe('true')
  await chip('Update Docs').click()
  await chip('Verification').click()
  await expect
    .poll(async () => (await told(page, 'session.toggleSet')).slice(-2))
    .toEqual([
      { toggle: 'docs', on: true },
      { toggle: 'verification', on: false },
    ])
  await page.getByRole('button', { name: 'What the agent was told' }).click()
  await page.getByRole('dialog').getByText('Verification. Go through what was asked').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('c')
  await page.getByRole('button', { name: 'New session' }).first().click()
  const form = page.getByRole('dialog').getByRole('group', { name: 'Toggles' })
  await expect.poll(() => form.getByRole('button', { name: 'Update Tests' }).getAttribute('aria-pressed')).toBe('true')
  await form.getByRole('button', { name: 'Update Tests' }).click()
  await form.getByRole('button', { name: 'Update Docs' }).click()
  await page.getByLabel('First message').fill('Begin.')
  await page.keyboard.press('Control+Enter')
  await expect
    .poll(async () => (await told(page, 'session.created')).find(({ name }) => name === 'Begin.')?.['toggles'])
    .toEqual(['edge_cases', 'code_review', 'verification', 'docs'])
  await page.close()
})

test('[T-9] an admin sets the workspace’s defaults', async () => {
  const page = await screens.open('fixture=asks&at=/settings/workspaces')
  const toggles = page.getByRole('group', { name: 'Toggles of new sessions in harbor-api' })
  await toggles.getByRole('button', { name: 'UX Enhancement' }).click()
  await expect.poll(() => lastTold(page, 'workspace.toggleSet')).toEqual({ toggle: 'ux', on: true })
  await page.close()
})

test('[TD-2] a written file is opened from its row', async () => {
  const page = await screens.open('fixture=asks&at=/session/asks')
  await page.getByRole('link', { name: 'Open src/receipts.ts' }).click()
  await expect
    .poll(() => new URL(page.url()).pathname + new URL(page.url()).search)
    .toBe('/session/asks/file?path=src%2Freceipts.ts')
  await page.close()
})
