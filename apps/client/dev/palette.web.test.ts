import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { settled } from './all-screens.ts'
import { openScreens, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

const ROLES = ['button', 'link', 'tab', 'radio', 'checkbox', 'switch', 'textbox', 'combobox', 'searchbox'] as const

/** What assistive technology is told of an element: `- button "Stage all" [pressed]`. */
async function nameOf(element: Locator): Promise<string> {
  const said = (await element.ariaSnapshot()).split('\n')[0] ?? ''
  const quoted = /"(?:[^"\\]|\\.)*"/.exec(said)?.[0]
  return quoted === undefined ? '' : String(JSON.parse(quoted))
}

/** The names of all that can be pressed or written into on a page, as the browser gives them to a screen reader. */
async function namesOn(page: Page): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const role of ROLES)
    for (const element of await page.locator('.frame').getByRole(role).all()) {
      // Sessions are in the palette by their names, whether their row is drawn or not.
      if ((await element.getAttribute('class'))?.includes('session-row')) continue
      names.add(await nameOf(element))
    }
  return names
}

const options = (page: Page): Locator => page.getByRole('listbox', { name: 'Results' }).getByRole('option')

async function openPalette(page: Page): Promise<Locator> {
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Search sessions and commands' })
  await field.waitFor()
  return field
}

async function shut(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** What the palette finds nothing for but the history and what is named otherwise. */
async function notFound(page: Page, names: ReadonlySet<string>, looked: Set<string>): Promise<string[]> {
  const field = await openPalette(page)
  const lacking: string[] = []
  for (const name of names) {
    if (looked.has(name)) continue
    looked.add(name)
    await field.fill(name)
    const found = options(page).filter({ hasNotText: 'Search the history for' })
    if ((await found.count()) === 0) lacking.push(name)
  }
  await shut(page)
  return lacking
}

/** Each action is looked for by its name. */
const EVERY_ACTION_MS = 1_200_000

const session = 'fixture=harbor&at=/session/limit'
const tabs = ['Info', 'Files', 'Search', 'Git', 'Tasks', 'Context', 'Terminal', 'Preview']
/** All pages of the settings but the tokens, whose list the stand-in server does not have. */
const settings = ['', '/workspaces', '/members', '/bots', '/runners', '/secrets']

describe('the palette', () => {
  test(
    '[K-6] reaches every action of a session: its head, its sidebar, each tab of its panel',
    async () => {
      const page = await screens.open(session)
      // Names that say how long ago something was must not change between the two looks.
      await page.clock.setFixedTime(Date.now())
      const lacking: string[] = []
      const looked = new Set<string>()
      for (const tab of tabs) {
        // The palette itself leads to each tab.
        const field = await openPalette(page)
        await field.fill(tab === 'Info' ? 'Show Session Info' : `Show ${tab}`)
        await page.keyboard.press('Enter')
        await page.getByRole('tab', { name: new RegExp(`^${tab}`), selected: true }).waitFor()
        await settled(page)
        lacking.push(...(await notFound(page, await namesOn(page), looked)).map((name) => `${tab}: ${name}`))
      }
      expect(looked.size).toBeGreaterThan(80)
      expect(lacking).toEqual([])
      await page.close()
    },
    EVERY_ACTION_MS,
  )

  test(
    '[K-6] reaches every page of the settings, and every action on it',
    async () => {
      const page = await screens.open('fixture=harbor&at=/settings')
      const lacking: string[] = []
      const looked = new Set<string>()
      for (const path of settings) {
        const label = path === '' ? 'General' : path[1]?.toUpperCase() + path.slice(2)
        const field = await openPalette(page)
        await field.fill(path === '' ? 'Settings theme' : `Settings: ${label}`)
        await page.keyboard.press('Enter')
        await page
          .getByRole('navigation', { name: 'Settings' })
          .locator('[aria-current=page]', { hasText: label })
          .waitFor()
        await settled(page)
        lacking.push(...(await notFound(page, await namesOn(page), looked)).map((name) => `${label}: ${name}`))
      }
      expect(lacking).toEqual([])
      await (await openPalette(page)).fill('Settings: Tokens')
      await options(page).first().waitFor()
      await page.close()
    },
    EVERY_ACTION_MS,
  )

  test('[K-6] presses what was chosen, opens what is in menus, and puts the focus into fields', async () => {
    const page = await screens.open(session)
    const choose = async (words: string): Promise<void> => {
      await (await openPalette(page)).fill(words)
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await choose('show git')
    await page.locator('#commit-message').waitFor()
    await settled(page)
    await choose('commit message')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('commit-message')
    await choose('fold sidebar')
    await page.getByRole('button', { name: 'Unfold sidebar', exact: true }).waitFor()
    await choose('unfold sidebar')
    await page.getByRole('button', { name: 'Fold sidebar', exact: true }).waitFor()
    // An item of a menu that is shut: the list shows only what is completed then.
    await choose('status: all completed')
    await page.getByRole('button', { name: 'Status: Completed' }).waitFor()
    await page.close()
  })
})
