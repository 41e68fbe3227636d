import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { settled } from './all-screens.ts'
import { openScreens, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

test('of hundreds of sessions the list has those that were scrolled to, and a message draws only its own row anew', async () => {
  const page = await screens.open('fixture=long&messages=20&others=400&at=/session/long')
  const rows = page.locator('nav[aria-label="Sessions"] .session-row')
  await page.locator('.unit').first().waitFor()
  await settled(page)
  const atFirst = await rows.count()
  expect(atFirst).toBeLessThan(200)

  // A mark that a row drawn anew would not have.
  const marked = await rows.evaluateAll((all) => {
    all.forEach((row) => row.setAttribute('data-marked', ''))
    return all.length
  })
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('and one more ring')
  await page.keyboard.press('Enter')
  await page.getByText('and one more ring').first().waitFor()
  await expect.poll(() => rows.filter({ hasText: 'A long session' }).getAttribute('data-marked')).toBe(null)
  expect(await rows.and(page.locator('[data-marked]')).count()).toBe(marked - 1)

  for (let seen = atFirst; seen < 401;) {
    await rows.last().scrollIntoViewIfNeeded()
    await expect.poll(() => rows.count()).toBeGreaterThan(seen)
    seen = await rows.count()
  }
  expect(await rows.count()).toBe(401)
  await page.close()
})
