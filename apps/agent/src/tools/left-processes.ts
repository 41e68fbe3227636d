import { readdir, readFile } from 'node:fs/promises'

/** Sends a signal to a process group; one that is gone is what was wanted. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) signalTo(-pid, signal)
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Kills every process whose environment holds `name=value`: children that left their process group. Only Linux can say which
 * those are; elsewhere the group is what there is.
 */
export async function endMarked(name: string, value: string): Promise<void> {
  if (process.platform !== 'linux') return
  // A process may fork while it is looked at, so until none is found.
  for (let round = 0; round < 5; round += 1) {
    const found = await marked(`${name}=${value}`)
    if (found.length === 0) return
    for (const pid of found) signalTo(pid, 'SIGKILL')
  }
}

async function marked(wanted: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(notOurs)
      return environment?.split('\0').includes(wanted) ? [pid] : []
    }),
  )
  return found.flat()
}

/** A process that ended meanwhile, or belongs to someone else, is none of ours. */
function notOurs(): undefined {
  return undefined
}
