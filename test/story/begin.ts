import type { Browser } from 'playwright-core'
import { inject } from 'vitest'
import { freshDatabase } from '../../apps/sync/src/testing/postgres-server.ts'
import { launchBrowser, newPerson, type Person } from '../support/browser.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { smallRepository } from '../support/repository.ts'
import { signIn } from './steps.ts'

/** How most stories begin: Coppice runs on a small repository, and mara, who started it, is signed in. */
export interface Beginning {
  readonly coppice: RunningCoppice
  /** The folder of the repository. */
  readonly repo: string
  readonly browser: Browser
  readonly mara: Person
}

export async function beginStory(): Promise<Beginning> {
  const postgres = inject('postgres')
  const database = postgres === undefined ? undefined : await freshDatabase(postgres)
  const repo = await smallRepository()
  const coppice = await RunningCoppice.start({
    repo,
    ...(database && { env: { DATABASE_URL: database.url } }),
    stopped: database?.drop,
  })
  const browser = await launchBrowser()
  const mara = await newPerson(browser)
  await signIn(mara.page, coppice.link, 'mara')
  return { coppice, repo, browser, mara }
}
