import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { composer, conversation, online, signIn, startSession } from './steps.ts'

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

const draft = (person: Person) => ({ timeout: 60_000, poll: () => composer(person.page).inputValue() })
const hasDraft = (person: Person, text: string): Promise<void> =>
  expect.poll(draft(person).poll, { timeout: draft(person).timeout }).toBe(text)

test('[LF-9] a draft is shared by those who may write it, survives being off line and a reload, and is merged when they meet', async () => {
  onTestFailed(async () => {
    await picture(mara.page, 'draft-mara')
    await picture(jo.page, 'draft-jo')
  })
  await mara.page.goto(`${coppice.url}/settings/members`)
  await mara.page
    .getByRole('button', { name: /link|Invite/i })
    .first()
    .click()
  const link = await mara.page.getByRole('textbox', { name: 'Invitation link' }).inputValue()
  await signIn(jo.page, link, 'jo')
  await mara.page.goto(coppice.url)
  await online(mara.page)
  await startSession(mara.page, { message: 'A shared draft' })
  await jo.page.locator('nav[aria-label="Sessions"]').getByText('A shared draft').click()
  await composer(jo.page).waitFor()

  await composer(mara.page).pressSequentially('middle')
  await hasDraft(jo, 'middle')
  await jo.page.getByText('mara is writing here, too.').waitFor()

  // Off line, each writes at an end of it; one page is loaded anew meanwhile.
  await mara.page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  await mara.context.setOffline(true)
  await mara.page.locator('header').getByText('Off line').first().waitFor()
  await composer(mara.page).press('End')
  await composer(mara.page).pressSequentially(' end')
  await composer(jo.page).press('Home')
  await composer(jo.page).pressSequentially('begin ')
  await hasDraft(jo, 'begin middle')
  await mara.page.reload()
  await composer(mara.page).waitFor()
  await hasDraft(mara, 'middle end')
  await mara.context.setOffline(false)
  await hasDraft(mara, 'begin middle end')
  await hasDraft(jo, 'begin middle end')

  // The caret stays where its person is while somebody else writes before it.
  await composer(jo.page).press('End')
  await composer(mara.page).press('Home')
  await composer(mara.page).pressSequentially('so ')
  await hasDraft(jo, 'so begin middle end')
  await composer(jo.page).pressSequentially('!')
  await hasDraft(mara, 'so begin middle end!')

  await composer(jo.page).press('Enter')
  await hasDraft(jo, '')
  await hasDraft(mara, '')
  await conversation(mara.page).getByText('so begin middle end!').first().waitFor()
})
