import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { online, say, script, sh, signIn, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let jo: Person
let file: string
let address: string

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  jo = await newPerson(browser)
  await mara.page.goto(`${coppice.url}/settings/members`)
  await mara.page
    .getByRole('button', { name: /link|Invite/i })
    .first()
    .click()
  await signIn(jo.page, await mara.page.getByRole('textbox', { name: 'Invitation link' }).inputValue(), 'jo')
  await mara.page.goto(coppice.url)
  await online(mara.page)
  await startSession(mara.page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
  const worktree = (await mara.page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  file = path.join(worktree, 'poem.txt')
  await writeFile(file, 'one\r\ntwo\r\nthree\r\n')
  address = `${mara.page.url()}/file?path=poem.txt`
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const text = ({ page }: Person, name = 'poem.txt'): Locator => page.getByRole('textbox', { name: `Text of ${name}` })
const lines = async (person: Person, name = 'poem.txt'): Promise<string[]> =>
  text(person, name)
    .locator('.cm-line')
    .evaluateAll((all) =>
      all.map((line) => {
        const copy = line.cloneNode(true) as typeof line
        for (const caret of copy.querySelectorAll('.cm-their-caret')) caret.remove()
        return copy.textContent ?? ''
      }),
    )
const has = (person: Person, wanted: readonly string[]): Promise<void> =>
  expect.poll(() => lines(person)).toEqual(wanted)
const stands = ({ page }: Person, word: string): Promise<void> =>
  page.locator('.file-bar').getByText(word, { exact: true }).waitFor()
const both = async (wanted: readonly string[]): Promise<void> => {
  await has(mara, wanted)
  await has(jo, wanted)
}
const pictures = (name: string): void =>
  onTestFailed(async () => {
    await picture(mara.page, `one-file-${name}-mara`)
    await picture(jo.page, `one-file-${name}-jo`)
  })

test('[F-10] two people in one file see what each types and where each is; one saves for both', async () => {
  pictures('live')
  for (const person of [mara, jo]) {
    await person.page.goto(address)
    await text(person).waitFor()
  }
  for (const person of [mara, jo]) await person.page.getByRole('img', { name: /Has this file open, too/ }).waitFor()
  await text(mara).press('Control+Home')
  await text(mara).pressSequentially('zero\n')
  await both(['zero', 'one', 'two', 'three', ''])
  await text(jo).press('Control+End')
  await text(jo).pressSequentially('four')
  await both(['zero', 'one', 'two', 'three', 'four'])
  await mara.page.locator('.cm-their-name').getByText('jo').waitFor({ state: 'attached' })
  await picture(mara.page, 'one-file-together')
  await stands(jo, 'Not saved')
  await text(mara).press('Control+s')
  await stands(mara, 'Saved')
  await stands(jo, 'Saved')
  expect(await readFile(file, 'utf8')).toBe('zero\r\none\r\ntwo\r\nthree\r\nfour')
})

test('[F-10] undo takes back only what one typed oneself', async () => {
  pictures('undo')
  // At once: what is typed with pauses between is undone in as many steps.
  await text(mara).press('Control+End')
  await mara.page.keyboard.insertText(' (m)')
  await text(jo).press('Control+Home')
  await text(jo).pressSequentially('(j) ')
  await both(['(j) zero', 'one', 'two', 'three', 'four (m)'])
  await text(mara).press('Control+z')
  await both(['(j) zero', 'one', 'two', 'three', 'four'])
})

test('[F-10] what the agent writes meanwhile comes into the text of both, once; what is not saved stays', async () => {
  pictures('agent')
  await jo.page.goto(address.replace(/\/file.*/, ''))
  await say(jo.page, script('Add', sh("printf 'zero\\r\\none\\r\\ntwo\\r\\nthree\\r\\nfour\\r\\nfive' > poem.txt")))
  await expect.poll(() => readFile(file, 'utf8')).toContain('five')
  await has(mara, ['(j) zero', 'one', 'two', 'three', 'four', 'five'])
  await jo.page.goto(address)
  await both(['(j) zero', 'one', 'two', 'three', 'four', 'five'])
  await stands(jo, 'Not saved')
})

test('[F-10] what is typed off line is in the text of both afterwards, also when the page was loaded anew', async () => {
  pictures('offline')
  await jo.page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  await jo.context.setOffline(true)
  await jo.page.locator('header').getByText('Off line').first().waitFor()
  await text(jo).press('Control+End')
  await text(jo).pressSequentially(' from jo')
  await text(mara).press('Control+Home')
  await text(mara).pressSequentially('from mara ')
  await expect.poll(() => jo.page.evaluate(KEPT)).toContain('from jo')
  await jo.page.reload()
  await has(jo, ['(j) zero', 'one', 'two', 'three', 'four', 'five from jo'])
  await jo.context.setOffline(false)
  await both(['from mara (j) zero', 'one', 'two', 'three', 'four', 'five from jo'])
  await text(jo).press('Control+s')
  await stands(mara, 'Saved')
  expect(await readFile(file, 'utf8')).toBe('from mara (j) zero\r\none\r\ntwo\r\nthree\r\nfour\r\nfive from jo')
})

test('[F-10] two open a file in the same moment, and the agent writes between them: both have one text, once, and what each typed', async () => {
  pictures('race')
  const race = path.join(path.dirname(file), 'race.txt')
  const there = address.replace('poem.txt', 'race.txt')
  const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n'
  await writeFile(race, before)
  // What a page says about the room reaches the server when it is let through: till then each believes it is the first.
  const said: Promise<void>[] = []
  let letThrough: () => void = () => undefined
  const open = new Promise<void>((resolve) => (letThrough = resolve))
  for (const { page } of [mara, jo])
    await page.routeWebSocket(/\/yjs\//, (ws) => {
      const server = ws.connectToServer()
      let asked = false
      ws.onMessage((message) => {
        // The first asks what the room has; it is answered: nothing.
        if (asked) said.push(open.then(() => server.send(message)))
        else server.send(message)
        asked = true
      })
    })
  await mara.page.goto(there)
  await text(mara, 'race.txt').press('Control+Home')
  await text(mara, 'race.txt').pressSequentially('m')
  await writeFile(race, `${before}by the agent\n`)
  await jo.page.goto(there)
  await text(jo, 'race.txt').press('Control+Home')
  for (let line = 1; line < 4; line += 1) await text(jo, 'race.txt').press('ArrowDown')
  await text(jo, 'race.txt').pressSequentially('j')
  await expect.poll(() => said.length).toBeGreaterThan(3)
  letThrough()
  const wanted = ['mone', 'two', 'three', 'jfour', 'five', 'six', 'seven', 'by the agent', '']
  for (const person of [mara, jo]) await expect.poll(() => lines(person, 'race.txt')).toEqual(wanted)
  for (const { page } of [mara, jo]) await page.unrouteAll()
})

test('[F-10] what is typed while the page is still on its way to the others comes to what was not saved before', async () => {
  // A device of hers without a service worker: what it fetches can be held up.
  const context = await browser.newContext({
    storageState: await mara.context.storageState(),
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  onTestFailed(() => picture(page, 'one-file-early'))
  await writeFile(path.join(path.dirname(file), 'early.txt'), 'one\n')
  const early = { ...mara, page, context }
  await page.goto(address.replace('poem.txt', 'early.txt'))
  await text(early, 'early.txt').press('Control+Home')
  await text(early, 'early.txt').pressSequentially('not saved ')
  await expect.poll(() => page.evaluate(KEPT), { timeout: 60_000 }).toContain('not saved one')
  await expect.poll(() => page.evaluate(KEPT_SHARED), { timeout: 60_000 }).toBe(true)
  const held: (() => void)[] = []
  await page.route(/\/shared-file-/, (route) => void held.push(() => void route.continue()))
  await page.reload()
  await expect.poll(() => lines(early, 'early.txt')).toEqual(['not saved one', ''])
  await expect.poll(() => held.length).toBe(1)
  await text(early, 'early.txt').press('Control+Home')
  await text(early, 'early.txt').pressSequentially('early, ')
  held[0]?.()
  await mara.page.goto(address.replace('poem.txt', 'early.txt'))
  for (const person of [early, mara])
    await expect.poll(() => lines(person, 'early.txt')).toEqual(['early, not saved one', ''])
  await context.close()
})

/** In the page: the texts that are kept on this device because they are not saved. */
const KEPT = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('coppice-unsaved')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const all = opening.result.transaction('texts').objectStore('texts').getAll()
    all.onsuccess = () => resolve(all.result.map(({ text }) => text).join('\\n'))
  }
})`

/** In the page: whether what is kept can go on in the room of its file. */
const KEPT_SHARED = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('coppice-unsaved')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const all = opening.result.transaction('texts').objectStore('texts').getAll()
    all.onsuccess = () => resolve(all.result.some(({ shared }) => shared !== undefined))
  }
})`
