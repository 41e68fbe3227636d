import type { Locator, Page } from 'playwright-core'

/** How a person reaches what is on the screen. A story told with these is told for a mouse, a keyboard and a phone at once. */
export interface Hands {
  readonly means: 'mouse' | 'keyboard' | 'touch'
  /** Presses a button, a link, a tab, an item of a menu, or chooses one of a few. */
  press(target: Locator): Promise<void>
  /** Puts a text into a field, in place of what is there. */
  write(field: Locator, text: string): Promise<void>
}

export const mouse: Hands = {
  means: 'mouse',
  press: (target) => target.click(),
  write: async (field, text) => {
    await field.click()
    await field.fill(text)
  },
}

export const touch: Hands = {
  means: 'touch',
  press: (target) => target.tap(),
  write: async (field, text) => {
    await field.tap()
    await field.fill(text)
  },
}

/** Tab, arrows, Enter and letters, on a page. Nothing is focused but by them. */
export const keyboard = (page: Page): Hands => ({
  means: 'keyboard',
  async press(target) {
    await reach(page, target)
    // An arrow key has chosen it by then, or it was chosen.
    if ((await target.getAttribute('aria-checked')) === 'true') return
    if ((await target.getAttribute('aria-selected')) === 'true') return
    await page.keyboard.press('Enter')
  },
  async write(field, text) {
    await reach(page, field)
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(text)
  },
})

/** So many keys lead from anywhere to anywhere. */
const MOST_KEYS = 200

/** What stands in one group is one stop of the Tab key; arrows move in it. */
const GROUPS = '[role=radiogroup], [role=tablist], [role=menu], [role=listbox]'

type Way = 'there' | 'ArrowDown' | 'Tab'

/** Gives the focus to an element by Tab, and in its group by an arrow key. */
export async function reach(page: Page, target: Locator): Promise<void> {
  for (let keys = 0; keys < MOST_KEYS; keys += 1) {
    const way = await target.evaluate((element, groups): Way => {
      const focused = element.ownerDocument.activeElement
      if (focused === element) return 'there'
      const group = element.closest(groups)
      return group !== null && group.contains(focused) ? 'ArrowDown' : 'Tab'
    }, GROUPS)
    if (way === 'there') return
    await page.keyboard.press(way)
  }
  throw new Error(`The keyboard does not reach ${String(target)} with ${MOST_KEYS} keys.`)
}

const WIDTHS = `Math.max(
  document.documentElement.scrollWidth,
  ...[...document.querySelectorAll('.main, .side, .panel, .panel-scroll, .page, .conversation-scroll, .dialog')].map((one) =>
    one.clientWidth > 0 ? one.getBoundingClientRect().left + one.scrollWidth : 0))`

/** How wide the page and its parts are, at most, CSS pixels: more than the screen is scrolled sideways. */
export const widest = (page: Page): Promise<number> => page.evaluate<number>(WIDTHS)
