import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { openTab, script, sh, startSession, status } from './steps.ts'

const devServer = new URL('../runner/dev-server.ts', import.meta.url).pathname

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
})
afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

test('[TR-7] [RL-6] a dev server is noticed and opened in a tab of its own, whose scripts can do nothing in Coppice', async () => {
  const { page, context } = mara
  onTestFailed(() => picture(page, 'preview-failed'))
  const session = page.url()
  await page.goto(`${coppice.url}/settings/workspaces`)
  await page.getByRole('button', { name: 'Add a task' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Dev server')
  await dialog.getByLabel('Script').fill(`${process.execPath} ${devServer}`)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Change Dev server' }).waitFor()
  await page.goto(session)
  await openTab(page, 'Tasks')
  await page.getByRole('button', { name: 'Start Dev server' }).click()
  await page.getByRole('tab', { name: /^Preview 1 listening/ }).waitFor({ timeout: 60_000 })
  await openTab(page, 'Preview')
  const opened = context.waitForEvent('page')
  await page.getByRole('button', { name: /^Open port/ }).click()
  const preview = await opened
  await preview.waitForURL(/^http:\/\/[0-9a-f]{16}\.localhost:\d+\/$/)
  const { origin } = new URL(preview.url())
  await preview.goto(`${origin}/page`)
  await preview.getByRole('heading', { name: 'Hello from the dev server' }).waitFor()
  await picture(page, 'preview')
  // A script there tries what it can with the cookies of the person who looks.
  const tried = (await preview.evaluate(`(async () => {
    const app = ${JSON.stringify(coppice.url)}
    const get = (path, more) => fetch(app + path, { credentials: 'include', ...more }).then(
      (answer) => answer.status + ' ' + answer.type, (error) => error.name)
    const socket = await new Promise((done) => {
      const ws = new WebSocket(app.replace('http', 'ws') + '/sync')
      ws.onopen = () => done('open')
      ws.onerror = () => done('refused')
    })
    return {
      read: await get('/api/me'),
      write: await get('/api/devices', { method: 'POST' }),
      blind: await get('/api/devices', { method: 'POST', mode: 'no-cors' }),
      socket,
      opener: window.opener === null,
      cookies: document.cookie,
    }
  })()`)) as Record<string, unknown>
  expect(tried).toEqual({
    read: 'TypeError',
    write: 'TypeError',
    blind: 'TypeError',
    socket: 'refused',
    opener: true,
    cookies: 'sid=1',
  })
  // And mara is still who she was.
  const answer = await page.evaluate(`fetch('/api/me').then((answer) => answer.status)`)
  expect(answer).toBe(200)
})
