import type { Page } from 'playwright-core'

/**
 * In the page's own clock, which starts with the navigation: when the list is on the screen; when a session that is
 * clicked at once is there to read and to answer; when all headers are here.
 */
export const WATCH = `
window.until = (found) => new Promise((resolve) => {
  const look = () => { const it = found(); it ? resolve(it) : requestAnimationFrame(look) }
  look()
})
window.firstSession = () => document.querySelector('nav[aria-label="Sessions"] a[href*="/session/"]')
window.paint = {
  list: until(firstSession).then(() => performance.now()),
  complete: until(() => document.querySelector('header')?.textContent.includes('On line')).then(() => performance.now()),
}
window.openFirst = async () => {
  const link = await until(firstSession)
  link.click()
  await until(() => document.querySelector('[aria-label="Queued messages"]')?.textContent.includes('Message 0:'))
  await until(() => document.querySelector('textarea[aria-label="Message"]:not([disabled])'))
  return performance.now()
}`

/** Opens the first session of the list as soon as it is there. Gives when the list was painted, and when the session could be read and answered; ms since the navigation. */
export async function openFirst(page: Page): Promise<{ list: number; open: number }> {
  const open = Number(await page.evaluate('openFirst()'))
  return { list: Number(await page.evaluate('paint.list')), open }
}
