import type { Page } from 'playwright-core'

/** In the page: settles when the next frame has been painted. */
const PAINTED = `new Promise((resolve) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => resolve(performance.now())
  port2.postMessage(0)
}))`

/** Types into the composer of the session that is open. From the browser's own time of each key to the frame after it, ms. */
export async function strokeToPaint(page: Page, strokes: number): Promise<number[]> {
  const box = page.getByRole('textbox', { name: 'Message', exact: true })
  await box.click()
  await page.evaluate(`window.strokes = []; document.querySelector('textarea[aria-label="Message"]')
    .addEventListener('input', (event) => { ${PAINTED}.then((now) => window.strokes.push(now - event.timeStamp)) })`)
  for (let n = 0; n < strokes; n += 1) {
    await page.keyboard.press('a')
    await page.waitForTimeout(80)
  }
  await page.waitForFunction(`window.strokes.length >= ${strokes}`)
  await box.fill('')
  return (await page.evaluate('window.strokes')) as number[]
}

/** Goes from one session to the next by a click on its row. From the click to the frame that shows its newest row, ms. */
export async function clickToPaint(page: Page, sessions: readonly string[], clicks: number): Promise<number[]> {
  const took: number[] = []
  for (let n = 1; n <= clicks; n += 1) {
    const id = sessions[n % sessions.length] ?? ''
    took.push(
      Number(
        await page.evaluate(`(async () => {
          const begun = performance.now()
          document.querySelector('.session-row[data-session="${id}"]').click()
          const shown = () => location.pathname === '/session/${id}' && document.querySelector('.conversation .unit') !== null
          while (!shown()) await new Promise(requestAnimationFrame)
          return (await ${PAINTED}) - begun
        })()`),
      ),
    )
    await page.waitForTimeout(400)
  }
  return took
}
