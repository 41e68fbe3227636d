import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openScreens, PHONE, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

test('[BE-1] the history is searched while typing; arrows choose, Enter opens the session at that row', async () => {
  const page = await screens.open('fixture=long&messages=2000&at=/inbox')
  await page.keyboard.press('/')
  await page.getByRole('combobox', { name: 'Search the history' }).pressSequentially('"moss grows" bark', { delay: 5 })
  await page.locator('#hits[data-text=\'"moss grows" bark\']').waitFor()
  await expect.poll(() => page.getByRole('option').count()).toBeGreaterThan(3)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  const chosen = page.getByRole('option', { selected: true })
  await expect.poll(() => chosen.getAttribute('id')).toBe('hit-1')
  await expect.poll(() => chosen.locator('mark').allTextContents()).toContain('moss')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'A long session' }).waitFor()
  const row = page.locator('.unit.found')
  await row.waitFor()
  await expect.poll(async () => (await row.textContent())?.toLowerCase()).toContain('moss grows')
  await page.goBack()
  await page.locator('#hits mark').first().waitFor()
  await page.close()
})

test('[LF-2] what was written off line is found at once, and a row inside a folded group is opened', async () => {
  const page = await screens.open('fixture=long&messages=300&at=/session/long')
  await page.locator('.unit').first().waitFor()
  await page.getByRole('link', { name: 'Search', exact: true }).first().click()
  await page.getByRole('combobox', { name: 'Search the history' }).fill('read src')
  await page.getByRole('option').first().waitFor()
  await page.getByRole('option').first().click()
  const row = page.locator('.unit.found')
  await row.waitFor()
  await expect.poll(() => row.getAttribute('aria-label')).toBe('Tool')
  await page.close()
})

test('a search that finds nothing says so, and what was searched; on a phone nothing scrolls sideways', async () => {
  const page = await screens.open('fixture=harbor&at=/search', PHONE)
  await page.getByText('side by side').waitFor()
  await page.getByRole('combobox').fill('zzzznothing')
  await page.getByText('Nothing fits').waitFor()
  await expect
    .poll(() => page.getByRole('status').filter({ hasText: 'Searched all' }).textContent())
    .toMatch(/\d+ sessions/)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await page.close()
})
