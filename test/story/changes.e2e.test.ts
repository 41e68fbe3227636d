import { appendFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { newPerson, picture, type Person } from '../support/browser.ts'
import { inviteLink, type RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'
import { conversation, script, sh, signIn, startSession, status } from './steps.ts'

let coppice: RunningCoppice
let browser: Browser
let mara: Person
let worktree: string

const long = Array.from({ length: 120 }, (_, n) => `export const value${n + 1} = ${n + 1}`)

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  await startSession(mara.page, { message: script('Begin', sh('pwd')), steps: 'Auto' })
  await status(mara.page, 'Waiting')
  worktree = (await mara.page.locator('dd', { hasText: '/worktrees/' }).first().textContent())?.trim() ?? ''
  expect(path.isAbsolute(worktree)).toBe(true)
  await writeFile(path.join(worktree, 'long.ts'), `${long.join('\n')}\n`)
  await writeFile(path.join(worktree, 'second.ts'), 'const one = 1\n')
})

afterAll(async () => {
  await browser?.close()
  await coppice?.stop()
})

const pictureOnFailure = (name: string): void => onTestFailed(() => picture(mara.page, `changes-${name}`))
const fileOf = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
