import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { settled } from './all-screens.ts'
import { openScreens, PHONE, type Screens } from './browser.ts'

let screens: Screens
beforeAll(async () => {
  screens = await openScreens()
})
afterAll(() => screens.close())
afterEach(() => expect(screens.complaints()).toEqual([]))

const message = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true })
const session = (page: Page, name: string) => page.locator('.session-row', { hasText: name })
const distanceFromEnd = (page: Page) =>
  page.evaluate(() => {
    const list = document.querySelector('.conversation-scroll')
    return list === null ? -1 : Math.round(list.scrollHeight - list.clientHeight - list.scrollTop)
  })

describe('messages', () => {
  test('[M-1] [M-8] messages sent while the agent works wait in order; they are edited, moved and removed, and then delivered', async () => {
    const page = await screens.open('fixture=harbor&at=/session/dark&play&hold=Done.')
    await message(page).fill('First')
    await page.keyboard.press('Enter')
    await page.locator('.head').getByText('In progress', { exact: true }).waitFor()
    for (const text of ['two', 'three', 'four']) {
      await message(page).fill(text)
      await page.keyboard.press('Enter')
    }
    const queued = page.getByRole('list', { name: 'Queued messages' }).getByRole('listitem')
    await queued.nth(2).waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Queue', exact: true }).count()).toBe(1)
    await queued.nth(1).getByRole('button', { name: 'Edit' }).click()
    await queued.nth(1).getByRole('textbox').fill('three, edited')
    await page.keyboard.press('Enter')
    await queued
      .nth(2)
      .getByRole('button', { name: /Move message 3/ })
      .focus()
    await page.keyboard.press('Alt+ArrowUp')
    await queued.nth(1).getByText('four').waitFor()
    await queued.nth(0).getByRole('button', { name: 'Remove' }).click()
    await expect.poll(() => queued.locator('.cut').allTextContents()).toEqual(['four', 'three, edited'])
    await page.evaluate(() => standIn.goOn())
    const delivered = async () =>
      (await page.locator('.user-message .prose').allTextContents()).filter((text) => text.trim() !== '').slice(-3)
    await expect.poll(delivered).toEqual(['First', 'four', 'three, edited'])
    await page.close()
  })

  test('what is being written in a session survives a reload, and belongs to that session', async () => {
    const page = await screens.open('fixture=harbor&at=/session/dark')
    await message(page).fill('half a thought')
    await session(page, 'Shrink').click()
    await page
      .locator('.head')
      .getByRole('heading', { name: /Shrink/ })
      .waitFor()
    await session(page, 'Dark mode').click()
    await expect.poll(() => message(page).inputValue()).toBe('half a thought')
    await page.goto(page.url().replace(/\/session.*/, '/dev/index.html?fixture=harbor&at=/session/dark'))
    await expect.poll(() => message(page).inputValue()).toBe('half a thought')
    await page.close()
  })

  test('[TD-7] an answer appears as it is written, settled blocks are never rendered again, and the whole text stands at the end', async () => {
    const answer = encodeURIComponent(
      `${'Rings of a tree. '.repeat(6)}\n\nSecond **paragraph** here.\n\n- one\n- two\n\n\`\`\`js\nconst a = 1\n\`\`\`\n\nThe end.`,
    )
    const page = await screens.open(`fixture=harbor&at=/session/dark&play&answer=${answer}&hold=end.`)
    await message(page).fill('go')
    await page.keyboard.press('Enter')
    const live = page.locator('.agent-message').last()
    await live.getByText('Second').waitFor()
    await live.getByText('const a = 1').waitFor()
    expect(await live.getByText('The end.').count()).toBe(0)
    await page.evaluate(() => {
      const first = [...document.querySelectorAll('.agent-message')].at(-1)?.querySelector('p')
      if (first) first.dataset['mine'] = 'kept'
      standIn.goOn()
    })
    await page.locator('.tool-row', { hasText: 'node --test' }).getByText('exit 0').waitFor()
    await page.getByText('The end.').waitFor()
    expect(await page.locator('p[data-mine=kept]').count()).toBe(1)
    await expect.poll(() => page.locator('.agent-message').last().locator('li').count()).toBe(2)
    await expect.poll(() => distanceFromEnd(page)).toBeLessThan(2)
    await page.close()
  })
})

describe('tools', () => {
  test('[TD-1] [TD-3] reading leads to the file, a change shows its diff in place and leads to the whole', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    await page.locator('.unit').first().waitFor()
    await settled(page)
    await page.mouse.move(640, 400)
    await page.mouse.wheel(0, -1_500)
    const edit = page.locator('.tool-row', { hasText: 'Edit' }).first()
    await edit.waitFor()
    const change = page.getByRole('group', { name: 'Change of src/hooks/route.ts' })
    await change.getByText('const grant = await takeToken').waitFor()
    await expect.poll(() => change.locator('.diff-line.add').count()).toBe(3)
    await settled(page)
    await edit.getByRole('button').click()
    await change.waitFor({ state: 'detached' })
    await page.locator('.tool-row', { hasText: 'Read 7 files, searched 1×' }).getByRole('button').click()
    await page.getByRole('link', { name: 'src/limits/login-limit.ts' }).click()
    await page.getByRole('heading', { name: 'src/limits/login-limit.ts' }).waitFor()
    await page.close()
  })

  test('[TD-5] a command shows whether it runs, its exit code and how long it took; a failed one is open', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    await page.locator('.tool-row', { hasText: 'pnpm vitest run' }).getByText('running').waitFor()
    await page.getByText('17/23').waitFor()
    const passed = page.locator('.tool-row', { hasText: 'pnpm test src/hooks' })
    await expect.poll(() => passed.textContent()).toContain('exit 0')
    await expect.poll(() => passed.textContent()).toContain('3.4 s')
    const failed = page.locator('.tool-row', { hasText: 'pnpm test:db' })
    await expect.poll(() => failed.textContent()).toContain('exit 1')
    await expect.poll(() => failed.getByRole('button').getAttribute('aria-expanded')).toBe('true')
    await page.getByText('relation "hook_bucket" does not exist').waitFor()
    await page.close()
  })
})

describe('approvals', () => {
  test('a step is allowed with the card’s key, but not by typing on', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    const card = page.getByRole('region', { name: /Approval needed/ })
    await card.waitFor()
    // In one go: on a slow machine a key that is pressed by itself comes late enough to count.
    await card.evaluate((element) => {
      element.focus()
      element.dispatchEvent(new KeyboardEvent('keydown', { key: 'y', bubbles: true, cancelable: true }))
    })
    await page.waitForTimeout(1_000)
    expect(await card.count()).toBe(1)
    await page.keyboard.press('y')
    await card.waitFor({ state: 'detached' })
    await session(page, 'Rate limit').getByRole('img', { name: 'In progress' }).waitFor()
    await page.close()
  })

  test('a step is rejected with a reason, from the inbox', async () => {
    const page = await screens.open('fixture=harbor&at=/inbox')
    const row = page.getByRole('article', { name: /Approval needed in Move invoices/ })
    await row.getByText('quotaFor(device)').waitFor()
    await row.getByLabel(/Reason/).fill('Ask ines first')
    await row.getByRole('button', { name: 'Reject' }).click()
    await row.waitFor({ state: 'detached' })
    await session(page, 'Move invoices').click()
    await page.getByText('mara rejected it: Ask ines first').waitFor()
    await page.close()
  })

  test('[D-5] an answer that comes after another’s never counts, and the person is told why', async () => {
    const page = await screens.open('fixture=harbor&at=/session/limit')
    const card = page.getByRole('region', { name: /Approval needed/ })
    await card.waitFor()
    await page.evaluate(() => {
      standIn.away = true
      standIn.drop()
    })
    await page.getByText('Off line', { exact: false }).first().waitFor()
    await page.evaluate(() => standIn.answerAs('jo', 'limit', 'reject'))
    await card.getByRole('button', { name: 'Allow once' }).click()
    await card.waitFor({ state: 'detached' })
    await page.evaluate(() => {
      standIn.away = false
    })
    await page
      .getByRole('alert')
      .getByText(/Refused:/)
      .waitFor()
    await page.getByText('jo rejected it').waitFor()
    await page.close()
  })
})

declare const standIn: {
  away: boolean
  drop(): void
  answerAs(userId: string, sessionId: string, decision: 'reject' | 'allow_once'): void
  say(sessionId: string, text: string): void
  goOn(): void
}

describe('hostile text', () => {
  test('[RL-6] scripts in messages, names, branches, tool output and file names never run and never become markup', async () => {
    const page = await screens.open('fixture=hostile&at=/session/hostile')
    await page.locator('.agent-message').first().waitFor()
    await page.getByRole('tab', { name: 'Git' }).click()
    await settled(page)
    for (const at of ['/inbox', '/session/hostile/changes', '/settings/members', '/session/hostile']) {
      await page.evaluate((to) => {
        history.pushState(null, '', to)
        dispatchEvent(new PopStateEvent('popstate'))
      }, at)
      await settled(page)
    }
    const found = await page.evaluate(() => ({
      ran: 'ran' in globalThis,
      markup: document.querySelectorAll(
        '#app img, #app script, #app iframe, #app style, #app object, #app [onerror], #app [onclick], #app form[action]',
      ).length,
      links: [...document.querySelectorAll('#app a')]
        .map((one) => one.getAttribute('href') ?? '')
        .filter((href) => !/^(\/|https?:|mailto:)/.test(href)),
    }))
    expect(found).toEqual({ ran: false, markup: 0, links: [] })
    await expect.poll(() => page.locator('.agent-message').first().textContent()).toContain('<img src=x onerror=')
    await page.close()
  })
})

describe('a long session', () => {
  test('opens at its newest row with few rows mounted, and holds still while somebody reads', async () => {
    const page = await screens.open('fixture=long&messages=10000&at=/inbox')
    await session(page, 'A long session').click()
    await page.locator('.unit').first().waitFor()
    await settled(page)
    await expect.poll(() => distanceFromEnd(page)).toBeLessThan(2)
    expect(await page.locator('.unit').count()).toBeLessThanOrEqual(60)
    await page.mouse.move(640, 400)
    for (let i = 0; i < 12; i++) {
      await page.mouse.wheel(0, -900)
      await page.waitForTimeout(30)
    }
    const before = await firstAtRest(page)
    await page.evaluate(() => standIn.say('long', 'A new answer while you read.'))
    await page.getByRole('button', { name: /new$/ }).waitFor()
    const after = await firstAtRest(page)
    expect(after.id).toBe(before.id)
    expect(Math.abs(after.top - before.top)).toBeLessThan(1)
    expect(await page.locator('.unit').count()).toBeLessThanOrEqual(60)
    await page.getByRole('button', { name: /new$/ }).click()
    await page.getByText('A new answer while you read.').waitFor()
    await expect.poll(() => distanceFromEnd(page)).toBeLessThan(2)
    await page.close()
  })

  test('opening and shutting a row while reading moves nothing above it', async () => {
    const page = await screens.open('fixture=long&messages=400&at=/session/long')
    await page.locator('.unit').first().waitFor()
    await settled(page)
    await page.mouse.move(640, 400)
    await page.mouse.wheel(0, -2_000)
    await page.locator('.new-pill').waitFor()
    await firstAtRest(page)
    const top = (mark: boolean) =>
      page.evaluate((first) => {
        // One that has to be scrolled to before it is pressed would move by that.
        const inSight = (at: number): boolean => at > 100 && at < 500
        const one = [...document.querySelectorAll<HTMLElement>('.tool-row button[aria-expanded]')].find(
          (row) => inSight(row.getBoundingClientRect().top) && /^(Run|Edit)/.test(row.textContent ?? ''),
        )
        if (first && one) one.dataset['mine'] = 'row'
        const row = document.querySelector<HTMLElement>('[data-mine=row]')
        return row?.getBoundingClientRect().top
      }, mark)
    const before = await top(true)
    const open = await page.locator('[data-mine=row]').getAttribute('aria-expanded')
    for (const expected of [open === 'true' ? 'false' : 'true', open]) {
      await page.locator('[data-mine=row]').click()
      await expect.poll(() => page.locator('[data-mine=row]').getAttribute('aria-expanded')).toBe(expected)
      await firstAtRest(page)
      expect(await top(false)).toBeCloseTo(before ?? -1, 0)
    }
    await page.close()
  })
})

const firstVisible = (page: Page) =>
  page.evaluate(() => {
    const list = document.querySelector('.conversation-scroll')?.getBoundingClientRect()
    const row = [...document.querySelectorAll<HTMLElement>('.unit')]
      .map((one) => ({ id: one.textContent?.slice(0, 60) ?? '', top: one.getBoundingClientRect().top }))
      .sort((a, b) => a.top - b.top)
      .find((one) => one.top >= (list?.top ?? 0))
    return row ?? { id: 'none', top: 0 }
  })

/** The first row in sight, once the list has come to rest: where it is does not change for a while. */
async function firstAtRest(page: Page): Promise<{ id: string; top: number }> {
  let last = await firstVisible(page)
  for (let same = 0; same < 3;) {
    await settled(page)
    const now = await firstVisible(page)
    same = now.id === last.id && now.top === last.top ? same + 1 : 0
    last = now
  }
  return last
}

describe('on a phone', () => {
  test('[UX-3] a session is started, read, answered and looked into at 390 pixels', async () => {
    const page = await screens.open('fixture=harbor&at=/&play', PHONE)
    await page.getByRole('button', { name: 'New', exact: true }).tap()
    await page
      .getByRole('button', { name: /New session/ })
      .first()
      .tap()
    await page.getByLabel('First message').fill('From the phone')
    await page.getByRole('button', { name: 'Start' }).tap()
    await page.locator('.user-message').getByText('From the phone').waitFor()
    await page.locator('.tool-row').getByText('exit 0').waitFor()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Panel' }).tap()
    await page.getByText('Changed files').waitFor()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /Inbox/ }).tap()
    await page
      .getByRole('article', { name: /Rate limit/ })
      .getByRole('button', { name: 'Allow once' })
      .tap()
    await page.getByRole('article', { name: /Approval needed in Rate limit/ }).waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.close()
  })
})

describe('by keyboard alone', () => {
  test('[UX-2] a repository is added, a session started, its work read, and completed without a pointer', async () => {
    const page = await screens.open('fixture=empty&play')
    await page.getByRole('button', { name: 'Make it' }).waitFor()
    await settled(page)
    await tabTo(page, 'Make it')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'New session' })
    await expect.poll(() => dialog.getByRole('button', { name: /^Start/ }).isEnabled()).toBe(true)
    await dialog.locator(':focus').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.locator('.tool-row').getByText('exit 0').waitFor()
    await page.keyboard.press('Control+k')
    await page.locator('[role=combobox]:focus').waitFor()
    await page.keyboard.type('complete')
    await page.keyboard.press('Enter')
    await page.locator('.head').getByText('Done', { exact: true }).waitFor()
    await page.close()
  })

  test('j and k walk the list, Alt and a number jump, Escape closes', async () => {
    const page = await screens.open('fixture=harbor&at=/inbox')
    await page.locator('.session-row').nth(1).waitFor()
    await page.keyboard.press('Alt+2')
    await page.waitForURL(/\/session\//)
    await message(page).waitFor()
    await settled(page)
    await page.locator('.session-row').first().focus()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await expect
      .poll(() =>
        page.evaluate(() =>
          [...document.querySelectorAll('.session-row')].indexOf(document.activeElement ?? document.body),
        ),
      )
      .toBe(1)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.close()
  })
})

/** Tab until the named control has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(() => document.activeElement?.textContent)) === name) return
  }
  throw new Error(`Tab never reached "${name}"`)
}
