import { readdir, readFile } from 'node:fs/promises'
import { processesMarked } from '../../apps/runner/src/agents/process-sweep.ts'

/** Command lines of running processes that contain a text, this test's own excluded. */
export async function processesWith(text: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const line = await ofProcess(pid, 'cmdline')
    const command = (line ?? '').replaceAll('\0', ' ').trim()
    if (command.includes(text)) found.push(command)
  }
  return found
}

/** What the system says of a process; nothing if it ended between the listing and the look. */
export function ofProcess(pid: number, what: 'stat' | 'cmdline'): Promise<string | undefined> {
  return readFile(`/proc/${pid}/${what}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined
    throw error
  })
}

/** Ids of the children of a process whose environment holds `name=value`. */
export async function childrenOf(parent: number, name: string, value: string): Promise<readonly number[]> {
  const marked = await processesMarked(name, value)
  const stats = await Promise.all(marked.map((pid) => ofProcess(pid, 'stat')))
  return marked.filter((_pid, i) => {
    const stat = stats[i]
    return stat !== undefined && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
  })
}

/** Kills a process the hard way. @returns whether it was still there: it may have ended since it was found. */
export function killHard(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
