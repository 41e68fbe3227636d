import fs from 'node:fs'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { COMPLETE } from './database-exists.ts'
import { DurableFiles } from './durable-files.ts'
import { findTemplate } from './template.ts'

/**
 * PGlite's own parameters without `-F` (which turns syncing off). `wal_sync_method=fsync` because PGlite's
 * `fdatasync` is an empty function that never reaches the file layer.
 */
const START_PARAMS = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  '-c',
  'wal_sync_method=fsync',
  // 128 MB by default, all of it resident: a log is read at its end, the rest the kernel's cache holds.
  '-c',
  'shared_buffers=32MB',
  '-c',
  'jit=off',
  '-c',
  'plan_cache_mode=force_generic_plan',
]

export interface Database {
  readonly pg: PGlite
  readonly files: DurableFiles
}

/**
 * Makes an empty database in `folder`. A crash at any point leaves a folder without its mark, which the next start
 * throws away: nothing was ever acknowledged from it.
 */
export async function createDatabase(folder: string): Promise<void> {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files = path.join(folder, 'pg')
  const template = findTemplate()
  if (template === undefined) await initialiseFiles(files)
  else fs.cpSync(template, files, { recursive: true })
  // Neither initdb's files nor the copy's were synced.
  syncTree(files)
  fs.writeFileSync(path.join(folder, COMPLETE), `${new Date().toISOString()}\n`, { flush: true })
  syncPath(folder)
  syncPath(path.dirname(folder))
}

/** PostgreSQL's `initdb`, in a folder that is not there yet. */
export async function initialiseFiles(folder: string): Promise<void> {
  const pg = await PGlite.create({ fs: new DurableFiles(folder), startParams: START_PARAMS })
  await pg.close()
}

/** Copies the files of a database that nobody is writing to. Quick, because writers wait: whoever asked syncs the copy. */
export function copyDatabase(folder: string, target: string): void {
  fs.mkdirSync(target, { recursive: true, mode: 0o700 })
  fs.cpSync(path.join(folder, 'pg'), path.join(target, 'pg'), { recursive: true, errorOnExist: true, force: false })
  fs.copyFileSync(path.join(folder, COMPLETE), path.join(target, COMPLETE))
}

/** Opens the database that {@link createDatabase} made in `folder`. One process at a time: hold the folder's lock. */
export async function openDatabase(folder: string): Promise<Database> {
  const files = new DurableFiles(path.join(folder, 'pg'))
  const pg = await PGlite.create({ fs: files, startParams: START_PARAMS })
  return { pg, files }
}

function syncTree(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name)
    if (entry.isDirectory()) syncTree(child)
    else if (entry.isFile()) syncPath(child)
  }
  syncPath(folder)
}

function syncPath(target: string): void {
  const descriptor = fs.openSync(target, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}
