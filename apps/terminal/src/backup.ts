import { backupAnswerSchema } from '@coppice/protocol'
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isServed, runningInstallation } from './installation.ts'
import { Problem } from './problem.ts'
import { ask } from './rest.ts'

/** Has the running server copy its data into a new folder. */
export async function makeBackup(data: string, folder: string): Promise<void> {
  const { madeAt } = await ask(await runningInstallation(data), '/api/backup', backupAnswerSchema, { folder })
  process.stdout.write(`${folder}\n`)
  process.stderr.write(
    `Everything up to ${new Date(madeAt).toISOString()} is in it. It holds secrets: keep it private.\n`,
  )
}

/** What of a data folder belongs to the server's record; the runner's worktrees stay. */
const REPLACED = ['store', 'blobs', 'cookie-secret', 'local-tokens.json', 'backup.json']

/**
 * Puts a backup into a data folder on which no server runs. What it replaces is moved aside, into a folder whose name it
 * prints: nothing is deleted.
 */
export async function restoreBackup(backup: string, data: string): Promise<void> {
  if (!existsSync(join(backup, 'backup.json')))
    throw new Problem(`${backup} is not a whole backup: it has no backup.json. Nothing was changed.`)
  if (await isServed(data)) throw new Problem(`A server runs on ${data}. Stop it first. Nothing was changed.`)
  const aside = join(data, `replaced-${new Date().toISOString().replaceAll(':', '-')}`)
  const fresh = join(data, 'restoring')
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    // First the whole copy, then only renames: a full disk leaves everything as it was.
    rmSync(fresh, { recursive: true, force: true })
    cpSync(backup, fresh, { recursive: true })
    mkdirSync(aside)
    for (const name of REPLACED) if (existsSync(join(data, name))) renameSync(join(data, name), join(aside, name))
    for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(data, name))
    rmSync(fresh, { recursive: true })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem(`The backup could not be put in place: ${why} What was there before is in ${data} or ${aside}.`, {
      cause: error,
    })
  }
  process.stderr.write(
    `Restored into ${data}. What was there before is in ${aside}. Start the server: every device is told.\n`,
  )
}
