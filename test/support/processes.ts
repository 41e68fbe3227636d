import { readdir, readFile } from 'node:fs/promises'

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
