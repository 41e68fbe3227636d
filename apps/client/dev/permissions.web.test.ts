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

test('[D-6] "Always allow" on a step makes a rule that is seen first, lets the step through, is listed, and is taken back', async () => {
  const page = await screens.open('fixture=harbor&at=/session/limit')
  const card = page.locator('[data-approval]')
  await card.getByRole('button', { name: 'Always allow' }).click()
  const dialog = page.getByRole('dialog', { name: 'Always allow' })
  const pattern = dialog.getByLabel('Steps of this kind: run')
  await expect.poll(() => pattern.inputValue()).toBe('pnpm prisma *')
  await pattern.fill('pnpm test *')
  await dialog.getByText('This would not allow the step that waits.').waitFor()
  await pattern.fill('pnpm prisma * && rm')
  await dialog.getByText('A pattern with * stands for one plain command').waitFor()
  await expect.poll(() => dialog.getByRole('button', { name: 'Always allow' }).isDisabled()).toBe(true)
  await pattern.fill('pnpm prisma migrate *')
  await page.keyboard.press('Enter')
  await card.waitFor({ state: 'detached' })
  await expect
    .poll(() => lastTold(page, 'session.ruleAdded'))
    .toMatchObject({
      family: 'run',
      pattern: 'pnpm prisma migrate *',
    })
  await expect.poll(() => lastTold(page, 'approval.answered')).toMatchObject({ decision: 'allow_once' })
  const rules = page.getByRole('list', { name: 'Rules of this session' })
  await rules.getByText('pnpm prisma migrate *').waitFor()
  await rules.getByRole('button', { name: 'Take back: run pnpm prisma migrate *' }).click()
  await rules.waitFor({ state: 'detached' })
  await page.close()
})

test('[D-6] an admin makes a rule for the whole workspace, from a step and in the settings', async () => {
  const page = await screens.open('fixture=harbor&at=/session/paging')
  await page.locator('[data-approval]').getByRole('button', { name: 'Always allow' }).click()
  const dialog = page.getByRole('dialog', { name: 'Always allow' })
  await expect.poll(() => dialog.getByLabel('Steps of this kind: change').inputValue()).toBe('src/invoices/**')
  await dialog.getByLabel('In all sessions of the workspace').check()
  await dialog.getByRole('button', { name: 'Always allow' }).click()
  await page.getByRole('link', { name: '1 rule of the workspace' }).click()
  const rules = page.getByRole('list', { name: 'Rules of harbor-api' })
  await rules.getByText('src/invoices/**').waitFor()
  await page.getByLabel('Pattern of a new rule in harbor-api').fill('*')
  await page.getByText('A pattern begins with the whole name of the command.').waitFor()
  await page.getByLabel('Pattern of a new rule in harbor-api').fill('pnpm test *')
  await page.keyboard.press('Enter')
  await rules.getByText('pnpm test *').waitFor()
  await rules.getByRole('button', { name: 'Take back: change src/invoices/**' }).click()
  await expect.poll(() => rules.getByRole('listitem').count()).toBe(1)
  await page.close()
})

test('[D-1] [D-4] [D-6] strict and plan mode are switches of the session; the form has Plan, Manual, Manual first and Auto', async () => {
  const page = await screens.open('fixture=harbor&at=/session/dark')
  await page.getByRole('checkbox', { name: 'Plan mode' }).check()
  await page.getByLabel('Strict').check()
  await expect.poll(() => lastTold(page, 'session.strictSet')).toEqual({ strict: true })
  await expect.poll(() => lastTold(page, 'session.planModeSet')).toEqual({ planMode: true })
  await page.locator('.composer').getByRole('button', { name: 'Plan mode' }).click()
  await expect.poll(() => lastTold(page, 'session.planModeSet')).toEqual({ planMode: false })
  await expect.poll(() => page.getByRole('checkbox', { name: 'Plan mode' }).isChecked()).toBe(false)
  for (const [name, made] of [
    ['Plan', { stepMode: 'manual', planMode: true }],
    ['Manual first', { stepMode: 'manual', autoAfterFirst: true }],
  ] as const) {
    await page.keyboard.press('Escape')
    await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
    await page.getByRole('button', { name: 'New session' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'New session' })
    await dialog.getByRole('radio', { name, exact: true }).click()
    await dialog.getByLabel('First message').fill(`Begin ${name}.`)
    await page.keyboard.press('Control+Enter')
    await expect
      .poll(async () => (await told(page, 'session.created')).find((one) => one['name'] === `Begin ${name}.`))
      .toMatchObject(made)
    await dialog.waitFor({ state: 'detached' })
  }
  await page.close()
})
