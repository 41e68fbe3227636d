/**
 * PF-5: a replica of 100,000 events in Chromium. From navigation to the list on the screen, and to a session open and
 * readable; with the server there and with the network cut. The baseline is a page of the same server without script.
 * Then a new device: until it shows a list from the server, a session to read and answer, and has all headers. Needs
 * Chromium and the built web app. `--events N` changes the length, `--rounds N` how often each is measured.
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { emptyDevice, newDevice, type Device } from './support/device.ts'
import { judge, median } from './support/figures.ts'
import { fillWorkspace } from './support/fill-workspace.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'
import { openFirst, WATCH } from './support/watch-page.ts'

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
})
const MESSAGES_EACH = 98
const SESSIONS = Math.ceil(Number(values.events) / (MESSAGES_EACH + 1))
const ROUNDS = Number(values.rounds)
const LIST_BAR_MS = 300
const OPEN_BAR_MS = 2_000

/** From a navigation: the list, and then a session that is clicked at once, readable, with a place to answer. */
async function measure(page: Page, url: string): Promise<{ list: number; open: number }> {
  await page.goto(url)
  return openFirst(page)
}

/** The same with nothing stored in the browser, by somebody who is signed in already; and until all headers are here. */
async function measureNewDevice(
  signedIn: Page,
  url: string,
): Promise<{ list: number; open: number; complete: number }> {
  const { page, close } = await emptyDevice(WATCH)
  await page.context().addCookies(await signedIn.context().cookies())
  const { list, open } = await measure(page, url)
  const complete = Number(await page.evaluate('paint.complete'))
  await close()
  return { list, open, complete }
}

const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const devices: Device[] = []
try {
  const text = (n: number): string => `Message ${n % MESSAGES_EACH}: ${'what is to be done, and why. '.repeat(4)}`
  await fillWorkspace(server.ready, SESSIONS, MESSAGES_EACH, text)
  const device = await newDevice(server.ready, WATCH)
  devices.push(device)
  const { page, fetchedMs } = device
  const context = page.context()
  process.stdout.write(`new device, everything fetched: ${Math.round(fetchedMs)} ms\n`)

  const bare: number[] = []
  const connected = { list: [] as number[], open: [] as number[] }
  const cutOff = { list: [] as number[], open: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    await context.setOffline(false)
    await page.goto(`${server.ready.url}/join/none`)
    bare.push(Number(await page.evaluate('performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd')))
    for (const [figures, offline] of [
      [connected, false],
      [cutOff, true],
    ] as const) {
      await context.setOffline(offline)
      const { list, open } = await measure(page, server.ready.url)
      figures.list.push(list)
      figures.open.push(open)
    }
  }
  process.stdout.write(`bare page of the same server: ${Math.round(median(bare))} ms\n`)
  for (const [name, { list, open }] of [
    ['on line', connected],
    ['off line', cutOff],
  ] as const) {
    judge(`PF-5 list painted, ${name}`, median(list), { atMost: LIST_BAR_MS }, 'ms')
    judge(`PF-5 session open and readable, ${name}`, median(open), { atMost: OPEN_BAR_MS }, 'ms')
    process.stdout.write(
      `  list ${(median(list) / median(bare)).toFixed(1)}x, session ${(median(open) / median(bare)).toFixed(1)}x the bare page\n`,
    )
  }
  const fresh: { list: number; open: number; complete: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) fresh.push(await measureNewDevice(page, server.ready.url))
  const of = (name: 'list' | 'open' | 'complete'): number => median(fresh.map((one) => one[name]))
  judge('PF-5 new device, a list from the server painted', of('list'), { atMost: 1_000 }, 'ms')
  judge('PF-5 new device, a session readable and answerable', of('open'), { atMost: 3_000 }, 'ms')
  judge('PF-5 new device, headers complete', of('complete'), { atMost: 8_000 }, 'ms')
} finally {
  for (const device of devices) await device.close()
  await server.stop()
  remove()
}
