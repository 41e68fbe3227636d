import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { gate } from './gate.ts'
import { allow, approval, conversation, file, online, say, script, sh, signIn, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let jo: Person

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  jo = await newPerson(browser)
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const picturesOnFailure = (name: string): void =>
  onTestFailed(async () => {
    await picture(mara.page, `together-${name}-mara`)
    await picture(jo.page, `together-${name}-jo`)
  })

test('[AC-1] an invitation link lets another person in, once, with the role it names', async () => {
  picturesOnFailure('invite')
  await mara.page.goto(`${coppice.url}/settings/members`)
  await mara.page
    .getByRole('button', { name: /link|Invite/i })
    .first()
    .click()
  const link = await mara.page.getByRole('textbox', { name: 'Invitation link' }).inputValue()
  await signIn(jo.page, link, 'jo')
  await mara.page.goto(coppice.url)
  await online(mara.page)
  const third = await newPerson(browser)
  expect((await third.page.goto(link))?.status()).toBe(410)
  await third.context.close()
})

test('[PR-1, EV-9, TD-7] the second person sees the session, its text and its steps live, and each sees who is there', async () => {
  picturesOnFailure('live')
  await startSession(mara.page, {
    message: script('Both of us', file('a.txt', 'one'), sh('for i in 1 2 3; do echo tick $i; sleep 0.4; done')),
  })
  await jo.page.locator('nav[aria-label="Sessions"]').getByText('Both of us').click()
  await approval(jo.page).waitFor()
  await mara.page.locator('main header').getByTitle('jo').waitFor()
  await jo.page.locator('main header').getByTitle('mara').waitFor()
})

test('[D-5, BE-3] an approval answered by one is answered for the other; a late answer never fires', async () => {
  picturesOnFailure('approve')
  const first = await approval(jo.page).getAttribute('data-approval')
  await allow(jo.page)
  await expect.poll(() => approval(mara.page).getAttribute('data-approval')).not.toBe(first)
  await approval(mara.page).getByRole('button', { name: 'Reject' }).click()
  await status(jo.page, 'Waiting')
  await conversation(jo.page)
    .getByText(/Rejected|rejected/)
    .first()
    .waitFor()
  expect(await conversation(jo.page).innerText()).not.toContain('tick 1')
})

test('[M-8] both write into one queue, in the order the server took them', async () => {
  picturesOnFailure('queue')
  await mara.page.locator('.composer').getByRole('radio', { name: 'Auto' }).click()
  const held = await gate()
  await say(mara.page, script('From mara', sh(`${held.wait}; echo mara`)))
  await status(jo.page, 'In progress')
  await say(jo.page, script('From jo', sh('echo jo')))
  await mara.page.getByRole('list', { name: 'Queued messages' }).getByText('From jo').waitFor()
  await held.open()
  for (const { page } of [mara, jo]) {
    await conversation(page)
      .getByRole('button', { name: /echo jo/ })
      .waitFor()
    await status(page, 'Waiting')
  }
  const both = () => Promise.all([mara, jo].map(({ page }) => conversation(page).innerText()))
  // What stands there as time that has passed may be a second older on one page.
  await expect.poll(async () => new Set(await both()).size).toBe(1)
})

test('[PR-2] who leaves is gone from the header within 30 s', async () => {
  picturesOnFailure('leave')
  await jo.context.close()
  await mara.page.locator('main header').getByTitle('jo').waitFor({ state: 'detached', timeout: 30_000 })
})
