/**
 * PF-6: opening a session of 10,000 messages, and scrolling it, in headless Chromium on the whole product: the server, the
 * replica in its worker on a database on disk, the built web app. Click to paint is from the click to the frame that shows
 * the newest row, beside a session that has no messages and beside a device that is still fetching this one; tasks are those of the renderer's main thread in a trace; the heap
 * is measured after a garbage collection, after one pass and after ten. `--messages N` changes the length.
 */
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { CDPSession, Page } from 'playwright-core'
import { newDevice, type Device } from './support/device.ts'
import { longSession } from './support/long-session.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '10000' } } })
const LONG = 'Session 0'
const EMPTY = 'Session 1'
const PAINT_MS = 100
const TASK_P99_MS = 12
const TASK_MOST_MS = 50
const HEAP_GROWTH = 1.05

const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const devices: Device[] = []
const results: [what: string, value: string, met: boolean][] = []
try {
  await longSession(server.ready, Number(values.messages), 5)
  const device = await newDevice(server.ready, '')
  devices.push(device)
  const { page } = device
  await page.goto(`${server.ready.url}/inbox`)
  await page.locator('.session-row', { hasText: LONG }).waitFor({ timeout: 120_000 })
  await page.locator('header').getByText('On line').first().waitFor()
  const unfetched = await clickToPaint(page, LONG)
  await page.getByText('Fetching this conversation').waitFor({ state: 'hidden' })
  // A new page on a device that has all of it.
  await page.goto(`${server.ready.url}/inbox`)
  await page.locator('header').getByText('On line').first().waitFor()
  const cdp = await page.context().newCDPSession(page)

  const paints: number[] = []
  const bare: number[] = []
  for (let i = 0; i < 6; i++) {
    bare.push(await clickToPaint(page, EMPTY))
    await page.goBack()
    await page.waitForTimeout(1_000)
    paints.push(await clickToPaint(page, LONG))
    await page.goBack()
    await page.waitForTimeout(1_000)
  }
  await clickToPaint(page, LONG)
  await page.waitForTimeout(1_000)
  const [cold = 0, ...warm] = paints
  const [bareCold = 0, ...bareWarm] = bare
  results.push(['click to paint, first time', ms(cold), cold <= PAINT_MS])
  results.push(['click to paint, again (median of 5)', ms(median(warm)), median(warm) <= PAINT_MS])
  process.stdout.write(
    `on a device that still fetches the session, to its newest rows: ${ms(unfetched)}\na session without messages: first ${ms(bareCold)}, again ${ms(median(bareWarm))}; each: ${paints.map((one) => one.toFixed(0)).join(' ')}\n`,
  )

  await pass(page)
  const before = await heap(cdp)
  const tasks = await traced(page, () => pass(page))
  for (let i = 0; i < 8; i++) await pass(page)
  const after = await heap(cdp)
  tasks.sort((a, b) => a - b)
  const p99 = tasks[Math.floor(tasks.length * 0.99)] ?? 0
  const most = tasks.at(-1) ?? 0
  results.push([`tasks while scrolling, p99 of ${tasks.length}`, ms(p99), p99 <= TASK_P99_MS])
  results.push(['longest task while scrolling', ms(most), most <= TASK_MOST_MS])
  results.push(['heap after ten passes / after one', (after / before).toFixed(3), after / before <= HEAP_GROWTH])
  const mounted = await page.evaluate(() => ({
    units: document.querySelectorAll('.unit').length,
    nodes: document.querySelectorAll('.conversation *').length,
  }))
  results.push(['units mounted', String(mounted.units), mounted.units <= 60])
  results.push(['nodes mounted', String(mounted.nodes), mounted.nodes <= 2_500])
} finally {
  for (const device of devices) await device.close()
  await server.stop()
  remove()
}
for (const [what, value, met] of results)
  process.stdout.write(`PF-6 ${what.padEnd(44)} ${value.padStart(10)}  ${met ? 'met' : 'NOT MET'}\n`)
if (results.some(([, , met]) => !met)) process.exitCode = 1

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
}

/** From the click to the first frame in which the newest row stands in the list; or, where nothing was said, the composer. */
function clickToPaint(page: Page, name: string): Promise<number> {
  return page.evaluate(
    ([wanted, long]) =>
      new Promise<number>((resolve) => {
        const link = [...document.querySelectorAll<HTMLElement>('.session-row')].find((one) =>
          one.textContent?.includes(wanted),
        )
        const start = performance.now()
        const look = () => {
          const list = document.querySelector('.conversation-scroll')
          const shown =
            wanted === long
              ? document.querySelectorAll('.unit .prose > *').length > 0
              : document.querySelector('textarea[aria-label="Message"]') !== null
          const atEnd = list !== null && list.scrollHeight - list.clientHeight - list.scrollTop < 2
          if (shown && atEnd) requestAnimationFrame(() => resolve(performance.now() - start))
          else requestAnimationFrame(look)
        }
        link?.click()
        look()
      }),
    [name, LONG] as const,
  )
}

/** Up through part of the list and down again, as a wheel does it. */
async function pass(page: Page): Promise<void> {
  await page.mouse.move(640, 400)
  for (const step of [-240, 240]) {
    for (let i = 0; i < 60; i++) {
      await page.mouse.wheel(0, step)
      await page.waitForTimeout(16)
    }
  }
  await page.waitForTimeout(300)
}

async function heap(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  await cdp.send('HeapProfiler.collectGarbage')
  return (await cdp.send('Runtime.getHeapUsage')).usedSize
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  dur?: number
  args?: { name?: string }
}

/** Lengths of the main thread's tasks while something is done, milliseconds; those too short to matter are left out. */
async function traced(page: Page, act: () => Promise<void>): Promise<number[]> {
  const browser = page.context().browser()
  if (browser === null) throw new Error('the page has no browser')
  const file = path.join(tmpdir(), `coppice-trace-${process.pid}.json`)
  await browser.startTracing(page, {
    path: file,
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'],
  })
  await act()
  await browser.stopTracing()
  const { traceEvents } = JSON.parse(await readFile(file, 'utf8')) as { traceEvents: TraceEvent[] }
  await rm(file)
  const named = traceEvents.filter((one) => one.name === 'thread_name' && one.args?.name === 'CrRendererMain')
  const main = new Set(named.map((one) => `${one.pid} ${one.tid}`))
  return traceEvents
    .filter(
      (one) =>
        (one.name === 'RunTask' || one.name === 'ThreadControllerImpl::RunTask') && main.has(`${one.pid} ${one.tid}`),
    )
    .map((one) => (one.dur ?? 0) / 1_000)
    .filter((length) => length > 0.05)
}
