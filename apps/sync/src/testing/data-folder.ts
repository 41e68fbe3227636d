import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { inject } from 'vitest'
import { createDatabase } from '../store/database.ts'
import { databaseExists } from '../store/database-exists.ts'
import type { StorePlace } from '../store/open-store.ts'
import { freshDatabase } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The PostgreSQL on which this run's stores are; without it they are PGlite in folders. */
    postgres?: string
  }
}

/** A database made once a machine; making one takes seconds, copying it milliseconds. */
const TEMPLATE = path.join(os.tmpdir(), 'coppice-test-database-0.5.16')

async function template(): Promise<string> {
  if (databaseExists(path.join(TEMPLATE, 'store'))) return TEMPLATE
  const making = fs.mkdtempSync(`${TEMPLATE}-`)
  await createDatabase(path.join(making, 'store'))
  try {
    fs.renameSync(making, TEMPLATE)
  } catch (error) {
    // Another test file was faster.
    if (!databaseExists(path.join(TEMPLATE, 'store'))) throw error
    fs.rmSync(making, { recursive: true, force: true })
  }
  return TEMPLATE
}

/** A place for a store of a test's own: a data folder, and in a run on PostgreSQL a database. */
export interface TestPlace extends StorePlace {
  readonly folder: string
  remove(): Promise<void>
}

/** An empty store's place. `remove` it afterwards. */
export async function freshDataFolder(): Promise<TestPlace> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-test-'))
  const removeFolder = (): void => fs.rmSync(folder, { recursive: true, force: true })
  const server = inject('postgres')
  if (server === undefined) {
    fs.cpSync(await template(), folder, { recursive: true })
    return { folder, dataFolder: folder, remove: async () => removeFolder() }
  }
  const { url, drop } = await freshDatabase(server)
  const remove = async (): Promise<void> => {
    await drop()
    removeFolder()
  }
  return { folder, dataFolder: folder, databaseUrl: url, remove }
}

/** A data folder for another server on the same database. */
export function anotherFolder(place: TestPlace): TestPlace {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-test-'))
  const remove = async (): Promise<void> => fs.rmSync(folder, { recursive: true, force: true })
  return { ...place, folder, dataFolder: folder, remove }
}
