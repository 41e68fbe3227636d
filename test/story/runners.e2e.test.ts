import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { sh, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  mara.page.setDefaultTimeout(60_000)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

test('[REC-44] the Runners screen and health tell how runner, agents and server are doing; another runner stands in, and is taken out again', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'runners'))
  await startSession(page, { message: sh('true'), steps: 'Auto' })
  await status(page, 'Waiting')
  await page.getByRole('link', { name: 'Settings' }).first().click()
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Runners' }).click()
  const card = page.getByRole('article', { name: /^Runner / })
  await card.getByText('Connected').waitFor()
  await card.getByText(/0 of \d+ sessions at work/).waitFor()
  await card.getByText(/last heard/).waitFor()
  await card.getByText(/GiB free of/).waitFor()
  await card.getByText('Script').first().waitFor()
  await card.getByRole('link', { name: 'true' }).waitFor()
  await page.getByText(/Server: (PGlite|PostgreSQL) answered in/).waitFor()
  const health = (await (await fetch(`${coppice.url}/health`)).json()) as Record<string, unknown>
  expect(health).toMatchObject({
    ok: true,
    store: { answeredMs: expect.any(Number) as number },
    lagMs: expect.any(Number) as number,
    runners: [{ online: true, stale: 0, providers: expect.arrayContaining([{ id: 'script', available: true }]) as [] }],
  })
  expect((await fetch(`${coppice.url}/api/runners`)).status).toBe(401)
  const made = await fetch(`${coppice.url}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${coppice.ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'runner', name: 'spare' }),
  })
  expect(made.status).toBe(200)
  await page.getByRole('article', { name: 'Runner spare' }).getByText('Away').waitFor()
  await page.getByRole('button', { name: 'Let it stand in' }).click()
  await page.getByText('stands in, has 0 open sessions').waitFor()
  await picture(page, 'runners-two')
  await page.getByRole('button', { name: 'Take out …' }).click()
  const dialog = page.getByRole('dialog', { name: /^Take spare out of/ })
  await dialog.getByText('It has no open session of this workspace.').waitFor()
  await dialog.getByRole('button', { name: 'Take it out' }).click()
  await page.getByText('stands in, has 0 open sessions').waitFor({ state: 'detached' })
}, 240_000)
