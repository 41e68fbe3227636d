import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { slowLink } from '../support/slow-link.ts'
import { beginStory } from './begin.ts'
import { composer, conversation, online, say, script, sh, startSession, status } from './steps.ts'

const MIB = 1024 * 1024

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const sending = (page: Page) => page.getByRole('list', { name: 'Queued messages' }).getByText(/sending \d+ %/)

test('[M-5] how much of a large file has gone is told beside the message that waits for it, until it is there', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'upload-progress'))
  await startSession(page, { message: script('Something large', sh('echo begun')), steps: 'Auto' })
  await conversation(page).getByText('echo begun').last().waitFor()
  await status(page, 'Waiting')
  // The same page once more, by a way on which files go slowly.
  const link = await slowLink(new URL(page.url()).origin, 2 * MIB)
  try {
    await page.goto(link.url + new URL(page.url()).pathname)
    await online(page)
    await composer(page).waitFor()
    const large = { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(24 * MIB, 7) }
    await page.getByLabel('Files to attach').setInputFiles([large])
    await page.getByRole('button', { name: 'Remove large.bin' }).waitFor()
    await say(page, script('Here it is', sh('echo taken')))
    const seen = new Set<number>()
    await expect
      .poll(
        async () => {
          for (const text of await sending(page).allTextContents()) seen.add(parseInt(/\d+/.exec(text)?.[0] ?? '', 10))
          return [...seen].filter((percent) => percent > 0 && percent < 100).length
        },
        { interval: 100 },
      )
      .toBeGreaterThan(1)
    await conversation(page).getByTitle('Download large.bin').waitFor()
    await conversation(page).getByText('echo taken').last().waitFor()
    await expect.poll(() => sending(page).count()).toBe(0)
  } finally {
    link.close()
  }
})
