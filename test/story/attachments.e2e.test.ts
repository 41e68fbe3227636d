import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { composer, conversation, online, say, script, sendOff, sh, startSession, status } from './steps.ts'

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

const chosen = (page: Page, name: string): Locator => page.getByRole('button', { name: `Remove ${name}` })

/** What the browser does with files that come from outside: an event whose data holds them. */
async function bring(
  at: Locator,
  how: 'drop' | 'paste',
  files: readonly { name: string; text: string }[],
): Promise<void> {
  // Runs in the page, whose types these tests do not have.
  const dispatch = `(element, [how, files]) => {
    const data = new DataTransfer()
    for (const { name, text } of files) data.items.add(new File([text], name, { type: 'text/plain' }))
    const more = { bubbles: true, cancelable: true }
    if (how === 'paste') return element.dispatchEvent(new ClipboardEvent('paste', { ...more, clipboardData: data }))
    element.dispatchEvent(new DragEvent('dragover', { ...more, dataTransfer: data }))
    return element.dispatchEvent(new DragEvent('drop', { ...more, dataTransfer: data }))
  }`
  await at.evaluate(new Function(`return ${dispatch}`)() as (element: unknown, of: unknown) => void, [how, files])
}

test('[M-5, S-17] files are attached to a first message by choice, drop and paste, and the agent gets them', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'attachments-first'))
  await page.locator('nav[aria-label="Sessions"] button:visible', { hasText: 'New' }).first().click()
  await page.getByRole('dialog', { name: 'New' }).getByText('New session', { exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'New session' })
  const box = dialog.getByLabel('First message')
  await box.waitFor()
  await dialog.getByRole('radio', { name: 'Auto' }).click()
  const bytes = { name: 'chosen.txt', mimeType: 'text/plain', buffer: Buffer.from('chosen') }
  await dialog.getByLabel('Files to attach').setInputFiles([bytes])
  await chosen(page, 'chosen.txt').waitFor()
  await bring(box, 'drop', [{ name: 'dropped.txt', text: 'dropped here' }])
  await chosen(page, 'dropped.txt').waitFor()
  await bring(box, 'paste', [{ name: 'pasted.txt', text: 'pasted, too' }])
  await chosen(page, 'pasted.txt').waitFor()
  // Files alone say nothing of what is to be done with them.
  await box.fill('')
  await dialog.getByText('Write what is to be done with the files.').waitFor()
  await expect.poll(() => dialog.getByRole('button', { name: /^Start/ }).isDisabled()).toBe(true)
  await box.fill(script('Look at these', sh('echo looked')))
  await dialog.getByRole('button', { name: /^Start/ }).click()
  await dialog.waitFor({ state: 'detached' })
  await conversation(page).getByText('echo looked').last().waitFor()
  for (const name of ['chosen.txt', 'dropped.txt', 'pasted.txt'])
    await conversation(page).getByTitle(`Download ${name}`).first().waitFor()
  await conversation(page)
    .getByText(/dropped\.txt.*12 B|attached.*dropped\.txt/)
    .first()
    .waitFor()
  await status(page, 'Waiting')
})

test('[M-5] a message sent while its file is still being kept on the device goes by itself once it is', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'attachments-early'))
  await startSession(page, { message: script('Early', sh('echo early')), steps: 'Auto' })
  await composer(page).waitFor()
  // A device that takes its time: it reads on when it is let.
  await page.evaluate(`{
    const { arrayBuffer } = Blob.prototype
    const held = new Promise((resolve) => { globalThis.readOn = resolve })
    Blob.prototype.arrayBuffer = function () { return held.then(() => arrayBuffer.call(this)) }
  }`)
  await bring(composer(page), 'drop', [{ name: 'slow.txt', text: 'slow' }])
  await chosen(page, 'slow.txt').waitFor()
  await sendOff(page, script('With the slow one', sh('echo slow')))
  await page.getByText('It goes as soon as the file is kept on this device.').waitFor()
  // Who writes on has not finished.
  await composer(page).press('End')
  await composer(page).pressSequentially(' ')
  await page.getByText('It goes as soon as').waitFor({ state: 'detached' })
  await composer(page).press('Enter')
  await page.getByText('It goes as soon as').waitFor()
  expect(await conversation(page).getByTitle('Download slow.txt').count()).toBe(0)
  await page.evaluate('readOn()')
  await conversation(page).getByTitle('Download slow.txt').waitFor()
  await expect.poll(() => composer(page).inputValue()).toBe('')
})

test('[M-5, LF-6] files belong to the draft, in whichever tab they were attached: they go once, with the message that is sent next', async () => {
  const { page, context } = mara
  await startSession(page, { message: script('Two tabs', sh('echo two')), steps: 'Auto' })
  await status(page, 'Waiting')
  const second = await context.newPage()
  onTestFailed(() => picture(second, 'attachments-tabs'))
  await second.goto(page.url())
  await online(second)
  // In the tab that does not lead.
  await bring(composer(second), 'drop', [
    { name: 'second.txt', text: 'from the second tab' },
    { name: 'wrong.txt', text: 'by mistake' },
  ])
  for (const tab of [page, second]) {
    await chosen(tab, 'second.txt').waitFor()
    await chosen(tab, 'wrong.txt').waitFor()
  }
  await chosen(page, 'wrong.txt').click()
  await chosen(second, 'wrong.txt').waitFor({ state: 'detached' })
  // The session changes under a file that waits.
  await page.getByRole('radio', { name: 'Manual' }).click()
  await page.getByRole('radio', { name: 'Auto' }).click()
  await chosen(second, 'second.txt').waitFor()
  await say(page, script('With a file', sh('echo with')))
  await chosen(second, 'second.txt').waitFor({ state: 'detached' })
  await say(second, script('Without a file', sh('echo without')))
  for (const tab of [page, second]) {
    await conversation(tab).getByText('echo without').last().waitFor()
    await conversation(tab).getByTitle('Download second.txt').waitFor()
  }
  expect(await conversation(page).getByTitle('Download wrong.txt').count()).toBe(0)
  await status(second, 'Waiting')
  // The leading tab goes; the other one sends by itself now.
  await page.close()
  await bring(composer(second), 'paste', [{ name: 'alone.txt', text: 'alone' }])
  await chosen(second, 'alone.txt').waitFor()
  await say(second, script('Alone', sh('echo alone')))
  await conversation(second).getByTitle('Download alone.txt').waitFor()
  await conversation(second).getByText('echo alone').last().waitFor()
})
