import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allScreens, settled } from './all-screens.ts'
import { openScreens, PHONE, seriousProblems, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

/** Each screen is opened anew. */
const EVERY_SCREEN_MS = 1_200_000

describe('every screen', () => {
  test(
    '[UX-2] axe finds no serious problem on any screen: all rules, dark; contrast, light',
    async () => {
      const found: string[] = []
      for (const { name, query, act } of allScreens) {
        const page = await screens.open(query)
        await settled(page)
        if (act) {
          await act(page)
          await settled(page)
        }
        for (const colorScheme of ['dark', 'light'] as const) {
          if (colorScheme === 'light') {
            await page.emulateMedia({ colorScheme })
            await settled(page)
          }
          const problems = await seriousProblems(page, colorScheme === 'light')
          found.push(...problems.map((problem) => `${name}, ${colorScheme}: ${problem}`))
        }
        await page.close()
      }
      expect(found).toEqual([])
    },
    EVERY_SCREEN_MS,
  )

  test(
    '[UX-3] nothing scrolls sideways at 390 pixels',
    async () => {
      const wide: string[] = []
      for (const { name, query } of allScreens) {
        const page = await screens.open(query, PHONE)
        await settled(page)
        const width = await page.evaluate(() =>
          Math.max(
            document.documentElement.scrollWidth,
            ...[...document.querySelectorAll('.main, .side, .panel, .page, .conversation-scroll')].map((one) =>
              one.clientWidth > 0 ? one.scrollWidth : 0,
            ),
          ),
        )
        if (width > 390) wide.push(`${name}: ${width}`)
        await page.close()
      }
      expect(wide).toEqual([])
    },
    EVERY_SCREEN_MS,
  )
})

describe('a session', () => {
  test('[S-14] [S-15] [S-16] a session is made with mode, provider, model, base branch and message', async () => {
    const page = await screens.open('fixture=harbor&at=/inbox&play&hold=Done.')
    await page.keyboard.press('c')
    await page.getByRole('button', { name: 'New session' }).first().click()
    await page.getByRole('radio', { name: 'Chat' }).click()
    await page.getByLabel('Base branch').selectOption('release/2.4')
    await page.getByRole('radio', { name: /Claude Code/ }).click()
    await page.getByLabel('Model', { exact: true }).selectOption('opus-4.1')
    await page.getByLabel('First message').fill('What does the ledger round?')
    await page.getByRole('button', { name: 'Start' }).click()
    const panel = page.getByRole('complementary', { name: 'Session panel' })
    await panel.getByText('Chat, Manual').waitFor()
    await panel.getByText('opus-4.1').waitFor()
    await panel.getByText('release/2.4').waitFor()
    await page.locator('.user-message').getByText('What does the ledger round?').waitFor()
    await page.getByRole('heading', { name: 'What does the ledger round?' }).waitFor()
    await page.locator('.head').getByText('In progress', { exact: true }).waitFor()
    await page.evaluate(() => standIn.goOn())
    await page.locator('.head').getByText('Waiting', { exact: true }).waitFor()
    await page.close()
  })

  test('[S-13] a provider that is not there is greyed with its reason and cannot be chosen', async () => {
    const page = await screens.open('fixture=harbor&at=/inbox')
    await page.keyboard.press('c')
    await page.getByRole('button', { name: 'New session' }).first().click()
    const opencode = page.getByRole('radio', { name: /OpenCode/ })
    await opencode.click({ force: true })
    await expect.poll(() => opencode.getAttribute('aria-disabled')).toBe('true')
    expect(await opencode.getAttribute('aria-checked')).toBe('false')
    await expect.poll(() => opencode.textContent()).toContain('npm install -g opencode-ai')
    await expect.poll(() => page.getByRole('radio', { name: /Script/ }).getAttribute('aria-disabled')).toBe('false')
    await page.close()
  })

  test('[S-8] [S-20] Complete ends a session from its header, Restore brings it back, Cancel ends it from the palette', async () => {
    const page = await screens.open('fixture=harbor&at=/session/dark&play')
    await page.locator('.head').getByRole('button', { name: 'Complete' }).click()
    await page.locator('.head').getByText('Done', { exact: true }).waitFor()
    await expect.poll(() => page.getByRole('textbox', { name: 'Message' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Restore', exact: true }).first().click()
    await page.locator('.head').getByText('Waiting', { exact: true }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('cancel ses')
    await page.keyboard.press('Enter')
    await page.locator('.head').getByText('Canceled', { exact: true }).waitFor()
    await page.close()
  })

  test('[S-6] the list shows exactly four statuses, and attention laid over them', async () => {
    const page = await screens.open('fixture=harbor&at=/inbox')
    const labels = () =>
      page.locator('.session-row > .glyph').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))
    const all = ['Canceled', 'Done', 'Failed', 'In progress', 'Needs you', 'Waiting']
    await expect.poll(async () => [...new Set(await labels())].sort()).toEqual(all)
    await page.close()
  })

  test('[S-22] a session is renamed in its header', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    await page.getByRole('heading', { name: 'Rate limit the webhook endpoint' }).dblclick()
    await page.getByLabel('Session name').fill('Limit senders')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Limit senders' }).waitFor()
    await page.locator('.session-row').getByText('Limit senders').waitFor()
    await page.close()
  })

  test('[D-3] the steps of a session are switched in both directions while it works', async () => {
    const page = await screens.open('fixture=harbor&at=/session/tests')
    await page.locator('.composer').getByRole('radio', { name: 'Auto' }).click()
    await page.getByText('Develop, Auto').waitFor()
    await page.locator('.composer').getByRole('radio', { name: 'Manual' }).click()
    await page.getByText('Develop, Manual').waitFor()
    await page.close()
  })

  test('[PR-1] [PR-2] the header shows who is here, and follows as they come and go', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    await page.locator('.head').getByRole('img', { name: 'Here now: mara, jo' }).waitFor()
    await page.evaluate(() => standIn.tellPresence('limit', [{ userId: 'ines', name: 'ines' }]))
    await page.locator('.head').getByRole('img', { name: 'Here now: ines' }).waitFor()
    await page.evaluate(() => standIn.tellPresence('limit', []))
    await page
      .locator('.head')
      .getByRole('img', { name: /Here now/ })
      .waitFor({ state: 'detached' })
    await page.close()
  })

  test('[C-6] the panel lists the files a session changed, with their lines', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    const files = page
      .getByRole('complementary', { name: 'Session panel' })
      .getByRole('link', { name: /src\/hooks\/route.ts/ })
    await expect.poll(() => files.textContent()).toContain('+184')
    await files.click()
    await page.getByRole('region', { name: 'src/hooks/route.ts' }).getByText('const grant = await takeToken').waitFor()
    await page.close()
  })
})

/** The server inside the page, for what people and runners do elsewhere. */
declare const standIn: {
  tellPresence(session: string, people: readonly { userId: string; name: string }[]): void
  goOn(): void
}
