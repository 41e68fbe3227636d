import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

/** The data folder cannot be used; the message says why and what to do. */
export class DataFolderRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DataFolderRefused'
  }
}

/**
 * Takes a data folder for this process alone.
 * @returns what gives it back.
 * @throws {DataFolderRefused} when it cannot be written, or another living runner has it.
 */
export function takeDataFolder(folder: string): () => void {
  const lock = path.join(folder, 'runner.lock')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    try {
      return take(lock)
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
      const holder = Number(readFileSync(lock, 'utf8').trim())
      if (isAlive(holder)) {
        throw new DataFolderRefused(
          `The data folder ${folder} is in use by another runner (process ${holder}). Stop it, or give this one a folder of its own with --data.`,
        )
      }
      // Its process is gone without giving it back.
      rmSync(lock, { force: true })
      return take(lock)
    }
  } catch (error) {
    if (error instanceof DataFolderRefused) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new DataFolderRefused(
      `The data folder ${folder} cannot be used: ${reason}. Give it write access, or choose another with --data.`,
    )
  }
}

function take(lock: string): () => void {
  const file = openSync(lock, 'wx', 0o600)
  writeSync(file, String(process.pid))
  closeSync(file)
  return () => rmSync(lock, { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
  return isRunner(pid)
}

/** After a reboot the number may be another program's. Where the system cannot say, it counts as a runner. */
function isRunner(pid: number): boolean {
  try {
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.ts')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
