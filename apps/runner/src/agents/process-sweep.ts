import { readdir, readFile } from 'node:fs/promises'

/** Marks every process of a run, and is inherited by its children, also by those that leave the process group. */
export const runMarker = 'COPPICE_RUN'
/** Marks every process that a runner on this data folder started, so that its next start can end what was left. */
export const homeMarker = 'COPPICE_RUNNER_HOME'

/** Ids of the living processes whose environment holds `name=value`, but for our own. Only Linux can say; elsewhere none. */
export async function processesMarked(name: string, value: string): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const wanted = `${name}=${value}`
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(gone)
    if (!environment?.split('\0').includes(wanted)) continue
    if (!(await isZombie(pid))) found.push(pid)
  }
  return found
}

async function isZombie(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(gone)
  // The name in parentheses may hold anything; the state is the first field after the last one.
  return status === undefined || status.slice(status.lastIndexOf(')') + 2, status.lastIndexOf(')') + 3) === 'Z'
}

/** A process that ended meanwhile, or belongs to someone else, is none of ours. */
function gone(): undefined {
  return undefined
}

/** Sends a signal; a process (or group, as a negative id) that is gone is what was wanted. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Ends all marked processes: asks first, then kills. @returns whether none is left. */
export async function endMarked(name: string, value: string, graceMs: number): Promise<boolean> {
  for (const pid of await processesMarked(name, value)) signalQuietly(pid, 'SIGTERM')
  const deadline = performance.now() + graceMs
  // Looking through all processes costs something: often at first, then less.
  let wait = 20
  while ((await processesMarked(name, value)).length > 0) {
    if (performance.now() > deadline) {
      for (const pid of await processesMarked(name, value)) signalQuietly(pid, 'SIGKILL')
      await pause(50)
      return (await processesMarked(name, value)).length === 0
    }
    await pause(wait)
    wait = Math.min(wait * 2, 250)
  }
  return true
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Bytes that a process has read and written in all; 0 for one that is gone or not ours to ask. */
export async function trafficOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/io`, 'latin1').catch(gone)
  const numbers = [...(text ?? '').matchAll(/^[rw]char: (\d+)$/gm)].map(([, bytes]) => Number(bytes))
  return numbers.reduce((sum, bytes) => sum + bytes, 0)
}
