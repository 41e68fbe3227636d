import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * An empty database made once per installation, from which new data folders are copied: making one takes PostgreSQL's
 * `initdb` seconds, a copy takes a fraction of one. It is a cache beside the installed packages; without it, or where
 * it cannot be written, databases are made from nothing.
 */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/coppice', import.meta.url))

/** Raise it when PGlite or what {@link file://./database.ts} makes of a new database changes. */
const VERSION = 'pglite-0.5.16-1'

const READY = 'ready'

/** The template's files; undefined if there is none yet. */
export function findTemplate(): string | undefined {
  const folder = path.join(CACHE, VERSION)
  return fs.existsSync(path.join(folder, READY)) ? path.join(folder, 'pg') : undefined
}

/** Makes the template with `make(folder)` unless it is there. Two at once do no harm: the first to finish stays. */
export async function ensureTemplate(make: (folder: string) => Promise<void>): Promise<void> {
  if (findTemplate() !== undefined) return
  const folder = path.join(CACHE, VERSION)
  const making = `${folder}.${process.pid}`
  fs.mkdirSync(making, { recursive: true })
  try {
    await make(path.join(making, 'pg'))
    fs.writeFileSync(path.join(making, READY), '')
    fs.renameSync(making, folder)
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true })
    if (findTemplate() === undefined) throw error
  }
}
