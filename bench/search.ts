/**
 * PF-12: the history of 100,000 messages searched in Chromium, off line, from the search page's own field. From the letter
 * to the frame that shows the first hits, over a fixed mix of queries: 1, 100 and 10,000 hits, phrases, beginnings. Needs
 * Chromium and the built web app. `--messages N` changes the length.
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { newDevice, type Device } from './support/device.ts'
import { judge, percentile } from './support/figures.ts'
import { fillWorkspace } from './support/fill-workspace.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'
import { prose } from './support/prose.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '100000' } } })
const MESSAGES_EACH = 98
const SESSIONS = Math.ceil(Number(values.messages) / MESSAGES_EACH)
const ROUNDS = 5

const { words, text } = prose(42)
const message = (n: number): string =>
  [
    text(40 + (n % 60)),
    ...(n % 10 === 0 ? ['myriad'] : []),
    ...(n % 1_000 === 0 ? ['centum'] : []),
    ...(n % 100 === 50 ? ['quite exact phrase'] : []),
    ...(n === 4_242 ? ['needleword'] : []),
    // All of these are old: the newest hits are not at the end of the log.
    ...(n < 10_000 ? ['ancient'] : []),
  ].join(' ')
const QUERIES = [
  'needleword ',
  'centum ',
  'myriad ',
  'ancient ',
  'ancient centum ',
  '"exact phrase"',
  `"${words[0]} ${words[1]}"`,
  `${words[2]} ${words[5]} `,
  'need',
  'myr',
  'quite ex',
  `${words[300]} -myriad `,
]

/** In the page: types a query and says when its hits were in the page, and when the next frame had shown them; ms. */
const SEARCH = `window.searchFor = (typed) => new Promise((resolve) => {
  const input = document.querySelector('.search-input input')
  const list = document.querySelector('#hits')
  const begun = performance.now()
  new MutationObserver((_, observer) => {
    if (list.dataset.text !== typed) return
    observer.disconnect()
    const answered = performance.now() - begun
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve({ answered, painted: performance.now() - begun, hits: list.children.length })
      port2.postMessage(0)
    })
  }).observe(list, { attributes: true })
  input.value = typed
  input.dispatchEvent(new InputEvent('input', { bubbles: true }))
})`

const search = (page: Page, query: string): Promise<{ answered: number; painted: number; hits: number }> =>
  page.evaluate(`searchFor(${JSON.stringify(query)})`)

/** Until the search says that it looked at everything, and finds what is there once. */
async function everythingIsHere(page: Page): Promise<void> {
  for (;;) {
    await search(page, '')
    const { hits } = await search(page, QUERIES[0] ?? '')
    const said = (await page.locator('.search-coverage').textContent()) ?? ''
    if (hits === 1 && said.includes('Searched all') && !said.includes('on their way')) return
    await page.waitForTimeout(500)
  }
}

const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const devices: Device[] = []
try {
  await fillWorkspace(server.ready, SESSIONS, MESSAGES_EACH, message)
  const device = await newDevice(server.ready, SEARCH)
  devices.push(device)
  const { page, fetchedMs } = device
  process.stdout.write(`${SESSIONS * MESSAGES_EACH} messages fetched in ${Math.round(fetchedMs / 1_000)} s\n`)
  for (const offline of [false, true]) {
    await page.context().setOffline(offline)
    await page.goto(`${server.ready.url}/search`)
    await page.locator('.search-input').waitFor()
    await everythingIsHere(page)
  }
  const answered: number[] = []
  const painted: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const query of QUERIES) {
      await search(page, '')
      const result = await search(page, query)
      answered.push(result.answered)
      painted.push(result.painted)
      if (round > 0) continue
      process.stdout.write(
        `  ${query.padEnd(24)} ${String(result.hits).padStart(3)} shown, ${result.answered.toFixed(0).padStart(4)} ms, painted ${result.painted.toFixed(0).padStart(4)} ms\n`,
      )
    }
  }
  judge('PF-12 search answered, p50', percentile(answered, 0.5), { atMost: 50 }, 'ms')
  judge('PF-12 search answered, p95', percentile(answered, 0.95), { atMost: 200 }, 'ms')
  judge('PF-12 first results painted, p95', percentile(painted, 0.95), { atMost: 100 }, 'ms')
} finally {
  for (const device of devices) await device.close()
  await server.stop()
  remove()
}
