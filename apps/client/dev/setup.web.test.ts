import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openScreens, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

test('[M-16] a system message names who speaks: Coppice, or the script of the repository', async () => {
  const page = await screens.open('fixture=group&at=/session/script')
  const rows = page.getByRole('feed').locator('.system-row')
  await expect
    .poll(() => rows.allInnerTexts())
    .toContainEqual(expect.stringMatching(/^setup: The repository brings a script/))
  await expect
    .poll(() => rows.allTextContents())
    .toContainEqual(expect.stringMatching(/^Coppice: The machine was short of memory/))
  await page.close()
})
