import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createDatabase, databaseExists } from '../store/database.ts'

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

/** A data folder of a test's own, with an empty database in it. `remove` it afterwards. */
export async function freshDataFolder(): Promise<{ folder: string; remove: () => void }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-test-'))
  fs.cpSync(await template(), folder, { recursive: true })
  return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) }
}
