import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openScreens, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

test('[K-3, TB-7, C-1, C-3, C-6] Ctrl+Shift+X opens the Context tab: used and limit, tokens and cost, turn by turn, changed files', async () => {
  const page = await screens.open('fixture=harbor&at=/session/limit')
  await page.getByRole('textbox', { name: 'Message', exact: true }).focus()
  await page.keyboard.press('Control+Shift+X')
  const panel = page.getByRole('tabpanel', { name: 'Context' })
  await panel.getByText('142.6k').waitFor()
  await panel.getByText('of 200k · 71 %').waitFor()
  await panel.getByRole('table').getByText('1.13M').waitFor()
  await panel.getByRole('table').getByText('$1.87').waitFor()
  await panel.getByRole('link', { name: /src\/hooks\/route\.ts/ }).waitFor()
  await page.close()
})

test('[C-2] the context bar stands in Session Info of Develop sessions only', async () => {
  const page = await screens.open('fixture=harbor&at=/session/dark')
  await page.getByRole('progressbar', { name: 'Context used' }).waitFor()
  const chat = await screens.open('fixture=harbor&at=/session/retries')
  await chat.getByText('Session Info').first().waitFor()
  await chat.getByText('Chat, Manual').waitFor()
  expect(await chat.getByRole('progressbar', { name: 'Context used' }).count()).toBe(0)
  for (const one of [page, chat]) await one.close()
})

test('[C-4] the context bar moves with each call of the model, while the agent works', async () => {
  const page = await screens.open('fixture=harbor&at=/session/tests')
  const bar = page.getByRole('progressbar', { name: 'Context used' })
  const measured = (used: number) =>
    page.evaluate(
      (n) =>
        (
          globalThis as unknown as { standIn: { measured(id: string, used: number, limit: number): void } }
        ).standIn.measured('tests', n, 200_000),
      used,
    )
  for (const [used, percent] of [
    [150_000, '75'],
    [170_000, '85'],
  ] as const) {
    await measured(used)
    await expect.poll(() => bar.getAttribute('aria-valuenow')).toBe(percent)
    await page.locator('.head').getByText('In progress', { exact: true }).first().waitFor()
  }
  await page.close()
})

test('[C-7] Reset context from the Context tab: the conversation says from where on the agent knows nothing', async () => {
  const page = await screens.open('fixture=harbor&at=/session/retries')
  await page.getByRole('tab', { name: 'Context' }).click()
  await page.getByRole('tabpanel', { name: 'Context' }).getByRole('button', { name: 'Reset context' }).click()
  await page.getByRole('feed').getByText('The agent’s memory was cleared').waitFor()
  await page.close()
})

test('[BE-10] a budget is set, and what is used up is raised: from the conversation and from the inbox', async () => {
  const page = await screens.open('fixture=harbor&at=/inbox')
  const row = page.getByRole('article', { name: 'Budget used up: A guide for new contributors' })
  await row.getByText('The budget of this session is used up.').waitFor()
  await row.getByRole('link', { name: 'A guide for new contributors' }).click()
  const feed = page.getByRole('feed')
  await feed.getByText('The budget of this session is used up: $0.3871 of $0.3800.').waitFor()
  await feed.getByRole('button', { name: 'Another limit …' }).click()
  const budget = page.getByRole('group', { name: 'This session' })
  await budget.getByText('of $0.3800 · 102 %').waitFor()
  await budget.getByRole('textbox').fill('nonsense')
  await expect.poll(() => budget.getByRole('button', { name: 'Change' }).isDisabled()).toBe(true)
  await feed.getByRole('button', { name: 'Raise to $0.7600' }).click()
  await budget.getByText('of $0.7600 · 51 %').waitFor()
  await feed.getByRole('button', { name: 'Raise to $0.7600' }).waitFor({ state: 'detached' })
  await page.locator('a[href="/inbox"]').first().click()
  await row.waitFor({ state: 'detached' })
  await page.close()
})

test('[C-8] the header has the sum of what all turns took, in USD', async () => {
  const page = await screens.open('fixture=harbor&at=/session/limit')
  await page.locator('main header').getByText('$1.87', { exact: true }).first().waitFor()
  await page.close()
})
