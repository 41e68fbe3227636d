import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { composer, file, online, say, script, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Make the first', file('one.txt', 'one')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
  await say(mara.page, script('Make the second', file('two.txt', 'two')))
  await mara.page.getByText('2 files').first().waitFor()
  await status(mara.page, 'Waiting')
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

/** The message with this text, as a row of the conversation. */
const message = (page: Page, text: string) => page.getByRole('article', { name: 'Message' }).filter({ hasText: text })

const act = async (page: Page, text: string, action: string): Promise<void> => {
  await message(page, text).getByRole('button', { name: 'Message actions' }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('[M-2] a message is edited: the session runs again from there, and what was is behind a fold', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'rewind-edit'))
  const second = message(page, 'Make the second')
  await second.hover()
  await second.getByRole('button', { name: 'Edit and run again from here' }).click()
  const box = page.getByRole('textbox', { name: 'The message, edited' })
  await expect.poll(() => box.inputValue()).toContain('two.txt')
  await box.fill(script('Make another', file('other.txt', 'other')))
  await picture(page, 'rewind-editing')
  await page.getByRole('button', { name: 'Send again' }).click()
  await message(page, 'Make another').waitFor()
  await page.getByText('Files and conversation are back as they were').waitFor()
  await status(page, 'Waiting')
  await expect.poll(() => message(page, 'Make the second').count()).toBe(0)
  const fold = page.getByRole('button', { name: /^Replaced/ })
  await fold.click()
  await message(page, 'Make the second').waitFor()
  expect(await message(page, 'Make the second').getByRole('button', { name: 'Message actions' }).count()).toBe(0)
  await picture(page, 'rewind-fold-open')
  await fold.click()
  await expect.poll(() => message(page, 'Make the second').count()).toBe(0)
  // The files, as the panel lists them.
  await page.getByText('other.txt', { exact: true }).first().waitFor()
  await expect.poll(() => page.getByText('two.txt').count()).toBe(0)
  // As it is for who comes later.
  await page.reload()
  await online(page)
  await page.getByRole('button', { name: /^Replaced/ }).waitFor()
})

test('[M-3, S-9] a delivered message is deleted, the memory cleared, by the keyboard too; each is said in the conversation', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'rewind-delete'))
  await act(page, 'Make another', 'Delete message')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await message(page, 'Make another').getByText('deleted').waitFor()
  await page.keyboard.press('Control+K')
  await page.getByRole('combobox').fill('reset context')
  await page.keyboard.press('Enter')
  await page.getByText('The agent’s memory was cleared').waitFor()
  await picture(page, 'rewind-deleted')
})

test('[BE-14] what is asked off line waits, and is done when the server is back', async () => {
  const { page, context } = mara
  onTestFailed(() => picture(page, 'rewind-offline'))
  await context.setOffline(true)
  await act(page, 'Make the first', 'Rewind files only')
  await page.getByRole('button', { name: 'Rewind files', exact: true }).click()
  await context.setOffline(false)
  await page.getByText('The files are back as they were before that message').waitFor()
  await composer(page).waitFor()
})

test('[BE-4] a session is forked from a message, and says from which', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'rewind-fork'))
  const origin = page.url()
  await act(page, 'Make the first', 'Fork a session from here')
  await page.getByText('Forked from').waitFor()
  await expect.poll(() => page.url()).not.toBe(origin)
  await status(page, 'Waiting')
  await say(page, script('Go my own way', file('mine.txt', 'mine')))
  await page.getByText('mine.txt').first().waitFor()
  await picture(page, 'rewind-forked')
  await page.getByRole('link', { name: 'Make the first', exact: true }).first().click()
  await expect.poll(() => page.url()).toBe(origin)
})
