import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { LIMITS } from '../limits.ts'

/**
 * Removes transcripts and outputs of sessions that nobody has gone on with for long. Whoever comes back later is handed the
 * conversation from Coppice's log instead.
 */
export async function forgetOld(data: string, now: number): Promise<void> {
  for (const kind of ['sessions', 'outputs']) {
    const folder = path.join(data, kind)
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const name of names) {
      const full = path.join(folder, name)
      const { mtimeMs } = await stat(full)
      if (now - mtimeMs > LIMITS.sessionKeptMs) await rm(full, { recursive: true, force: true })
    }
  }
}
