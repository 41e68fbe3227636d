/**
 * PF-5 after an update: a device whose copy of 100,000 events was written by older code. From the first navigation of the
 * new version to the list, to a session open and readable, to on line, and until the copy on the disk is of the new code.
 * The baseline is the start before the update, in the same run. `--events N` changes the length.
 */
import { parseArgs } from 'node:util'
import { olderClient } from '../test/support/older-client.ts'
import { newDevice, type Device } from './support/device.ts'
import { judge } from './support/figures.ts'
import { fillWorkspace } from './support/fill-workspace.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'
import { openFirst, WATCH } from './support/watch-page.ts'

const { values } = parseArgs({ options: { events: { type: 'string', default: '100000' } } })
const MESSAGES_EACH = 98
const SESSIONS = Math.ceil(Number(values.events) / (MESSAGES_EACH + 1))

const MARKS =
  'navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys())).then((names) => names.filter((name) => name.endsWith(".made")).join())'

const { folder, remove } = temporaryFolder()
const older = await olderClient()
let server = await startCoppice(folder, { client: older.folder })
const devices: Device[] = []
try {
  const text = (n: number): string => `Message ${n % MESSAGES_EACH}: ${'what is to be done, and why. '.repeat(4)}`
  await fillWorkspace(server.ready, SESSIONS, MESSAGES_EACH, text)
  const device = await newDevice(server.ready, WATCH)
  devices.push(device)
  const { page } = device
  const { url } = server.ready
  await page.goto(url)
  const before = { ...(await openFirst(page)), complete: Number(await page.evaluate('paint.complete')) }
  const mark = String(await page.evaluate(MARKS))

  await server.stop()
  server = await startCoppice(folder, { port: Number(new URL(url).port) })
  await page.goto(url)
  await page.getByRole('button', { name: 'Update' }).click()
  await page.waitForEvent('load')
  const after = { ...(await openFirst(page)), complete: Number(await page.evaluate('paint.complete')) }
  while (String(await page.evaluate(MARKS)) === mark) await page.waitForTimeout(200)
  const keptMs = Number(await page.evaluate('performance.now()'))
  for (const name of ['list', 'open', 'complete'] as const)
    process.stdout.write(
      `${name.padEnd(10)} ${after[name].toFixed(0)} ms, before the update ${before[name].toFixed(0)} ms: ${(after[name] / before[name]).toFixed(1)}x\n`,
    )
  process.stdout.write(`kept on the disk anew after ${(keptMs / 1_000).toFixed(0)} s, in the background\n`)
  judge('PF-5 after an update, a session open and readable', after.open, { atMost: 8_000 }, 'ms')
} finally {
  for (const device of devices) await device.close()
  await server.stop()
  await older.remove()
  remove()
}
