/**
 * Examines a data folder on which no server runs, as a process of its own; `coppice doctor` starts it:
 *
 *   node apps/sync/src/doctor/main.ts --data FOLDER [--mend]
 *
 * Prints one line of JSON. Without a store in the folder, or with one that does not open, that is what it finds.
 */
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Finding, ServerExamination } from '@coppice/protocol'
import { SERVER_VERSION } from '../server.ts'
import { databaseExists } from '../store/database-exists.ts'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { examine } from './examine.ts'

const { values } = parseArgs({
  options: { data: { type: 'string' }, mend: { type: 'boolean', default: false } },
})
if (values.data === undefined) throw new Error('usage: node apps/sync/src/doctor/main.ts --data FOLDER [--mend]')
const dataFolder = path.resolve(values.data)
const databaseUrl = process.env['DATABASE_URL'] || undefined

process.stdout.write(`${JSON.stringify(await examined())}\n`)

async function examined(): Promise<ServerExamination> {
  if (!fs.existsSync(dataFolder))
    return nothingBut(
      `There is no folder ${dataFolder}.`,
      'Name the right one with --data, or begin with `coppice up`.',
    )
  if (databaseUrl === undefined && !databaseExists(path.join(dataFolder, 'store')))
    return nothingBut(
      `There is no whole store in ${dataFolder}.`,
      fs.existsSync(path.join(dataFolder, 'store'))
        ? 'Making it was cut off before anything was stored in it: `coppice up` makes it anew.'
        : '`coppice up` makes one. If there was one, put a backup in place with `coppice restore`.',
    )
  let store: RunningStore
  try {
    store = await openStore({ dataFolder, databaseUrl })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return nothingBut(
      `The store does not open: ${why}`,
      'Nothing was changed. If it says no more than that, put the last backup in place with `coppice restore`.',
    )
  }
  try {
    return await examine({ store, dataFolder, mend: values.mend, served: false, serverVersion: SERVER_VERSION })
  } finally {
    await store.close()
  }
}

function nothingBut(says: string, advice: string): ServerExamination {
  const finding: Finding = { level: 'wrong', area: 'store', says, advice, mending: 'no' }
  return { findings: [finding], examined: {}, bytes: {}, versions: { coppice: SERVER_VERSION }, sessions: [] }
}
