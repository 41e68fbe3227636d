import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScreens, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())

const me = (host: string) => ({
  ok: true,
  data: { userId: 'mara', name: 'mara', role: 'owner', serverVersion: '0', host },
})

for (const [host, words, offered] of [
  ['oak', 'on the server’s machine', true],
  ['elm', 'on another machine', false],
] as const)
  test(`the worktree itself can be opened in an editor where the page is looked at beside it: the runner is ${words}`, async () => {
    const page = await screens.open('fixture=harbor&at=/inbox')
    // The fixture's runner is on oak.
    await page.route('**/api/me', (route) => route.fulfill({ json: me(host) }))
    const asked = page.waitForResponse('**/api/me')
    await page.locator('a[href$="/session/dark"]').first().click()
    await asked
    const block = page.getByRole('group', { name: 'Continue this session in your local IDE' })
    await block.getByRole('button', { name: 'Open in IDE' }).waitFor()
    const link = block.getByRole('link', { name: 'Open in editor' })
    if (offered) await link.waitFor()
    else expect(await link.count()).toBe(0)
    await page.close()
  })
