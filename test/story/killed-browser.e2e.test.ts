import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { BrowserContext, Cookie, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { seeded } from '../../apps/sync/src/testing/random.ts'
import { SyncClient } from '../../apps/sync/src/testing/sync-client.ts'
import { launchOnDisk, picture } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { killHard, ofProcess } from '../support/processes.ts'
import { smallRepository } from '../support/repository.ts'
import { composer, online, sendOff, script, sh, signIn, startSession, status } from './steps.ts'

/** How often the browser is killed; more by COPPICE_KILLS. The seed by COPPICE_SEED, printed on failure. */
const KILLS = Number(process.env['COPPICE_KILLS'] ?? 3)
const SEED = Number(process.env['COPPICE_SEED'] ?? Date.now() % 1_000_000)

let coppice: RunningCoppice
let profile: string
let context: BrowserContext | undefined
/** A browser writes cookies to its disk half a minute late: these are taken for older than that. */
let cookies: Cookie[] = []

beforeAll(async () => {
  coppice = await RunningCoppice.start({ repo: await smallRepository() })
  profile = await mkdtemp(join(tmpdir(), 'coppice-profile-'))
})

afterAll(async () => {
  await context?.close()
  await coppice?.stop()
  await rm(profile, { recursive: true, force: true, maxRetries: 5 })
})

async function open(): Promise<Page> {
  context = await launchOnDisk(profile)
  context.setDefaultTimeout(60_000)
  await context.addCookies(cookies)
  return context.pages()[0] ?? (await context.newPage())
}

/** Ends the browser with all its processes at once, as a crash or a flat battery does. */
async function crash(): Promise<void> {
  const gone = new Promise((resolve) => context?.once('close', resolve))
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    if ((await ofProcess(pid, 'cmdline'))?.includes(`--user-data-dir=${profile}`)) killHard(pid)
  }
  await gone
}

/** The texts of all messages in the server's log. */
async function told(): Promise<string[]> {
  const client = await SyncClient.connect(coppice.url, { token: coppice.ownerToken })
  const texts: string[] = []
  for (const { log, head } of client.welcome.logs) {
    if (head === 0) continue
    client.subscribe(log)
    const events = await client.eventsUpTo(log, head)
    for (const { type, data } of events) if (type === 'message.queued') texts.push(String(data['text']))
  }
  await client.close()
  return texts
}

/** Which of these texts are neither in the log nor in the box again. */
async function lost(page: Page, texts: readonly string[]): Promise<string[]> {
  const [all, written] = [await told(), await composer(page).inputValue()]
  return texts.filter((text) => !all.includes(text) && !written.includes(text))
}

const timeout = 240_000 + KILLS * 40_000

test(
  '[RL-2, LF-3] the browser is killed at any moment, again and again: what it took is sent once and in order, what it had no time to take is in the box again',
  { timeout },
  async () => {
    const random = seeded(SEED)
    let page = await open()
    onTestFailed(() => picture(page, 'killed-browser'))
    await signIn(page, coppice.link, 'mara')
    cookies = (await context?.cookies()) ?? []
    await startSession(page, { message: script('Begin', sh('echo begun')), steps: 'Auto' })
    await status(page, 'Waiting')
    const address = page.url()
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    const taken: string[] = []
    for (let round = 0; round < KILLS; round += 1) {
      await context?.setOffline(round % 2 === 1)
      const until = Date.now() + 300 + random() * 3_000
      while (Date.now() < until) {
        const text = `round ${round} message ${taken.length}`
        await sendOff(page, text)
        await expect.poll(() => composer(page).inputValue()).toBe('')
        taken.push(text)
        await pause(random() * 200)
      }
      await crash()
      page = await open()
      await page.goto(address)
      await composer(page).waitFor()
      await online(page)
      await expect.poll(() => lost(page, taken)).toEqual([])
      // What is in the box again is sent now, unless it had just been taken after all.
      const back = await composer(page).inputValue()
      if (back !== '' && !(await told()).includes(back)) await sendOff(page, back)
    }
    const sent = (await told()).filter((text) => text.startsWith('round '))
    expect({ seed: SEED, sent }).toEqual({ seed: SEED, sent: taken.filter((text) => sent.includes(text)) })
  },
)
