import type { Browser } from 'playwright-core'
import { launchBrowser, newPerson, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { smallRepository } from '../support/repository.ts'
import { signIn } from './steps.ts'

/** How most stories begin: Coppice runs on a small repository, and mara, who started it, is signed in. */
export interface Beginning {
  readonly coppice: RunningCoppice
  readonly browser: Browser
  readonly mara: Person
}

export async function beginStory(): Promise<Beginning> {
  const coppice = await RunningCoppice.start({ repo: await smallRepository() })
  const browser = await launchBrowser()
  const mara = await newPerson(browser)
  await signIn(mara.page, coppice.link, 'mara')
  return { coppice, browser, mara }
}
