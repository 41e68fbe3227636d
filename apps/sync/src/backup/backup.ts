import fs from 'node:fs'
import path from 'node:path'
import type { RunningStore } from '../store/running-store.ts'
import { BACKUP_FILE, backupSchema, KEPT_FILES, KEPT_FOLDERS, type Backup } from './backup-file.ts'

/** Thrown with a sentence for the person where no backup can be made. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}

/**
 * Copies a running server's data into a new folder: first the store as it is at one moment, then what its events point
 * to, which only ever grows. The folder is a data folder again; a server that starts on it knows that it was restored.
 */
export async function backUp(of: {
  store: RunningStore
  dataFolder: string
  target: string
  now: () => number
}): Promise<Backup> {
  const { store, dataFolder, target } = of
  if (store.copyTo === undefined)
    throw new BackupRefused(
      'This server keeps its logs in a PostgreSQL: back that up with its own tools (pg_dump), and start the server with --restored after putting a backup in place.',
    )
  if (!path.isAbsolute(target)) throw new BackupRefused(`${target} is not an absolute path. Nothing was written.`)
  if (fs.existsSync(target))
    throw new BackupRefused(`${target} is there already, and was left as it is. Name a new folder.`)
  try {
    await store.copyTo(path.join(target, 'store'))
    for (const name of KEPT_FOLDERS) {
      const from = path.join(dataFolder, name)
      if (fs.existsSync(from)) fs.cpSync(from, path.join(target, name), { recursive: true })
    }
    for (const name of KEPT_FILES) {
      const from = path.join(dataFolder, name)
      if (fs.existsSync(from)) fs.copyFileSync(from, path.join(target, name))
    }
    await syncFolder(target)
    const backup = backupSchema.parse({ format: 1, madeAt: of.now() })
    fs.writeFileSync(path.join(target, BACKUP_FILE), `${JSON.stringify(backup)}\n`, { flush: true })
    return backup
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new BackupRefused(
      `The backup could not be finished: ${why} What was written of it is in ${target}; delete it.`,
      {
        cause: error,
      },
    )
  }
}

/** Has the disk keep every file of a folder, and the folders themselves. */
async function syncFolder(folder: string): Promise<void> {
  for (const entry of await fs.promises.readdir(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name)
    if (entry.isDirectory()) await syncFolder(child)
    else await syncPath(child)
  }
  await syncPath(folder)
}

async function syncPath(target: string): Promise<void> {
  const handle = await fs.promises.open(target, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
