import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'

const holderShape = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** When the process began, in the kernel's ticks since boot: tells a live holder from a process that got its number later. */
  began: z.string(),
  since: z.string(),
})
type Holder = z.infer<typeof holderShape>

/** Thrown when the data folder cannot be used; its message is for the person who started the server. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused'
}

export interface FolderLock {
  release(): void
}

/**
 * Takes the exclusive lock of a data folder, making the folder if it is missing. Two databases on one folder destroy it,
 * so a lock that cannot be judged (another host) is not broken. A lock whose process is gone is taken over.
 */
export function lockFolder(folder: string): FolderLock {
  makeWritable(folder)
  const file = path.join(folder, 'server.lock')
  const mine: Holder = {
    pid: process.pid,
    host: os.hostname(),
    began: processBegan(process.pid),
    since: new Date().toISOString(),
  }
  const text = `${JSON.stringify(mine)}\n`
  // Two rounds: the second after a dead holder's file was moved away.
  for (let round = 0; round < 2; round += 1) {
    if (createExclusively(file, text)) return { release: () => release(file, text) }
    const seen = readText(file)
    if (seen === undefined) continue
    const holder = parseHolder(seen)
    if (holder === undefined || isAlive(holder)) throw new FolderRefused(describeHolder(folder, file, holder))
    removeStale(file, seen)
  }
  throw new FolderRefused(`Another server is just starting on ${folder}. Nothing was changed. Try again in a moment.`)
}

function makeWritable(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    const probe = path.join(folder, `.write-probe-${process.pid}`)
    fs.writeFileSync(probe, '')
    fs.rmSync(probe)
  } catch (error) {
    const reason = errorCode(error)
    const why =
      reason === 'ENOSPC'
        ? 'the disk is full'
        : reason === 'EROFS'
          ? 'it is on a read-only file system'
          : reason === 'EACCES' || reason === 'EPERM'
            ? 'this user may not write there'
            : reason === 'EEXIST' || reason === 'ENOTDIR'
              ? 'a file of that name is in the way'
              : String(error)
    throw new FolderRefused(
      `The data folder ${folder} cannot be written: ${why}. Nothing was changed. Name another folder with --data.`,
    )
  }
}

function createExclusively(file: string, text: string): boolean {
  try {
    fs.writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderShape.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== os.hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
  }
  const began = processBegan(holder.pid)
  return holder.began === '' || began === '' || began === holder.began
}

/** Moves the dead holder's file away by its content, so that of two servers only one gets past. */
function removeStale(file: string, seen: string): void {
  const aside = `${file}.stale-${process.pid}`
  try {
    fs.renameSync(file, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  const moved = readText(aside)
  if (moved !== seen && moved !== undefined) {
    // Another server took over between our look and our move: give it back.
    createExclusively(file, moved)
  }
  fs.rmSync(aside, { force: true })
}

function release(file: string, text: string): void {
  if (readText(file) === text) fs.rmSync(file, { force: true })
}

function describeHolder(folder: string, file: string, holder: Holder | undefined): string {
  if (holder === undefined)
    return `The data folder ${folder} has a lock file that cannot be read (${file}). If no server is running there, delete that file and start again.`
  const elsewhere =
    holder.host === os.hostname()
      ? 'Stop it first, or name another folder with --data.'
      : `It may be on another machine: stop it there, or, if it is surely gone, delete ${file}.`
  return `The data folder ${folder} is in use by process ${holder.pid} on ${holder.host} since ${holder.since}. Nothing was changed. ${elsewhere}`
}

/** Field 22 of /proc/PID/stat; empty where there is no /proc. */
function processBegan(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`)
  // The command name, in parentheses, may itself hold spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
