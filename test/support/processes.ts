import { readdir, readFile } from 'node:fs/promises'

/** Command lines of running processes that contain a text, this test's own excluded. */
export async function processesWith(text: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    // A process may end between the listing and the look.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const command = line.replaceAll('\0', ' ').trim()
    if (command.includes(text)) found.push(command)
  }
  return found
}
