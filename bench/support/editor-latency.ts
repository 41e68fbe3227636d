import type { Page } from 'playwright-core'

/** The time on one clock for all pages of a machine, ms. */
const NOW = 'performance.timeOrigin + performance.now()'

/** In the page, whose editor stands in a shadow root: from now on each key is timed from the browser's own time of it to the frame after it, and each letter that comes. */
export async function watchStrokes(page: Page): Promise<void> {
  await page.locator('.cm-content').waitFor()
  await page.evaluate(`(() => {
    const content = document.querySelector('.code-editor').shadowRoot.querySelector('.cm-content')
    window.watching?.abort()
    window.watching = new AbortController()
    const { signal } = window.watching
    window.sent = []
    window.came = { M: [], J: [] }
    const painted = (then) => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => then(${NOW})
      port2.postMessage(0)
    })
    const count = (letter) => (content.textContent.split('// ' + letter.toLowerCase() + ':')[1] ?? '').match(new RegExp('^' + letter + '*'))[0].length
    const base = { M: count('M'), J: count('J') }
    content.addEventListener('keydown', (event) => {
      if (event.key.length > 1) return
      const at = performance.timeOrigin + event.timeStamp
      painted((now) => window.sent.push({ at, paint: now - at }))
    }, { signal })
    const observer = new MutationObserver(() => painted((now) => {
      for (const letter of ['M', 'J']) while (window.came[letter].length < count(letter) - base[letter]) window.came[letter].push(now)
    }))
    observer.observe(content, { subtree: true, childList: true, characterData: true })
    signal.addEventListener('abort', () => observer.disconnect())
  })()`)
}

/** Types a letter again and again at the end of a line of the editor, at the pace of somebody who types fast. */
export async function typeStrokes(page: Page, line: number, letter: string, strokes: number): Promise<void> {
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+Home')
  for (let n = 0; n < line; n += 1) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  for (let n = 0; n < strokes; n += 1) {
    await page.keyboard.press(letter)
    await page.waitForTimeout(80)
  }
}

/** From each key to the frame after it on the same page, ms. */
export async function sentStrokes(page: Page, strokes: number): Promise<readonly number[]> {
  await page.waitForFunction(`window.sent.length >= ${strokes}`)
  return (await page.evaluate('window.sent.map(({ paint }) => paint)')) as number[]
}

/** From each key of one page to the frame of another page that shows its letter, ms. */
export async function receivedStrokes(
  from: Page,
  to: Page,
  letter: string,
  strokes: number,
): Promise<readonly number[]> {
  await to.waitForFunction(`window.came.${letter}.length >= ${strokes}`)
  const sent = (await from.evaluate('window.sent.map(({ at }) => at)')) as number[]
  const came = (await to.evaluate(`window.came.${letter}`)) as number[]
  return sent.slice(0, strokes).map((at, n) => (came[n] ?? Number.NaN) - at)
}
