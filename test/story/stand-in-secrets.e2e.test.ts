import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { picture, type Person } from '../support/browser.ts'
import type { RunningCoppice } from '../support/coppice.ts'
import { beginStory } from './begin.ts'

const RUNNER = new URL('../../apps/runner/src/main.ts', import.meta.url).pathname
let coppice: RunningCoppice
let browser: Browser
let mara: Person
let folder: string
let spare: ChildProcess | undefined

beforeAll(async () => {
  ;({ coppice, browser, mara } = await beginStory())
  folder = await mkdtemp(path.join(tmpdir(), 'coppice-spare-'))
})
afterAll(async () => {
  await stopSpare()
  await browser?.close()
  await coppice?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function stopSpare(): Promise<void> {
  if (!spare || spare.exitCode !== null || spare.signalCode !== null) return
  const gone = once(spare, 'exit')
  spare.kill('SIGTERM')
  await gone
}

/** Registers another runner; gives the file with its token. */
async function registerSpare(): Promise<string> {
  const made = await fetch(`${coppice.url}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${coppice.ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'runner', name: 'spare' }),
  })
  const { data } = (await made.json()) as { data: { token: string } }
  const tokenFile = path.join(folder, 'token')
  await writeFile(tokenFile, data.token, { mode: 0o600 })
  return tokenFile
}

/** Starts it; it is connected when this settles. */
async function startSpare(tokenFile: string): Promise<void> {
  const args = [
    RUNNER,
    '--json',
    '--server',
    coppice.url,
    '--data',
    path.join(folder, 'data'),
    '--token-file',
    tokenFile,
  ]
  spare = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env: process.env })
  if (spare.stdout) await once(createInterface({ input: spare.stdout }), 'line')
}

test('[AC-4] a runner that stands in gets the secrets that are set, and the settings name those that it lacks or should have no more', async () => {
  const { page } = mara
  onTestFailed(() => picture(page, 'stand-in-secrets'))
  const settings = (part: string): Promise<unknown> => page.goto(new URL(`/settings/${part}`, coppice.url).href)
  const section = page.getByRole('region', { name: /^Secrets of (?!All sessions)/ }).first()
  const set = async (name: string): Promise<void> => {
    await section.getByRole('textbox', { name: /^Name of a secret/ }).fill(name)
    await section.getByLabel(/^Value of a secret/).fill('correct horse battery')
    await section.getByRole('button', { name: /^(Set|Replace)$/ }).click()
    await section.getByRole('listitem').filter({ hasText: name }).waitFor()
    await expect.poll(() => section.getByLabel(/^Value of a secret/).inputValue()).toBe('')
  }
  await settings('secrets')
  await set('STAGING_PASSWORD')
  const tokenFile = await registerSpare()
  await startSpare(tokenFile)
  await settings('runners')
  await page.getByRole('button', { name: 'Let it stand in' }).click()
  await page.getByText('stands in, has 0 open sessions').waitFor()
  await settings('secrets')
  const lacks = section.getByText(/Runner spare stands in for this workspace and lacks STAGING_PASSWORD/)
  await lacks.waitFor()
  await picture(page, 'stand-in-secrets')
  await set('STAGING_PASSWORD')
  await lacks.waitFor({ state: 'detached' })
  await set('OTHER_PASSWORD')
  await stopSpare()
  await page.reload()
  await section.getByText(/Runner spare stands in for this workspace and is not there now/).waitFor()

  // A secret that is removed while the stand-in is away stays there: that is told, and can be done again.
  const line = section.getByRole('listitem').filter({ hasText: 'OTHER_PASSWORD' })
  await line.getByRole('button', { name: /Remove/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await line.waitFor({ state: 'detached' })
  await startSpare(tokenFile)
  const keeps = section.getByText(/Runner spare stands in for this workspace and still has OTHER_PASSWORD,/)
  await expect
    .poll(
      async () => {
        await page.reload()
        await section.getByText(/Runner spare stands in/).waitFor()
        return keeps.count()
      },
      { timeout: 60_000, interval: 2_000 },
    )
    .toBe(1)
  await picture(page, 'stand-in-keeps')
  await section.getByRole('button', { name: /^Remove them there/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await keeps.waitFor({ state: 'detached' })
}, 240_000)
