import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const STOP_WITHIN_MS = 10_000

export interface Part {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Record<string, string>
  /** Called with each line of standard output. */
  readonly onLine?: (line: string) => void
}

/** Starts a part of Coppice as a process of its own; what it says on standard error is passed on. */
export function startPart(part: Part): ChildProcess {
  const child = spawn(process.execPath, part.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...part.env },
  })
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => part.onLine?.(line))
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      // A journal's line is for programs and names its part. Alone, the runner names itself; here it is named already.
      const shown = line.startsWith('{') ? line : `${part.name}: ${line.replace(`[${part.name}] `, '')}`
      process.stderr.write(`${shown}\n`)
    })
  return child
}

export const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** Asks a part to end and waits; past ten seconds it is killed. */
export async function stopPart(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await gone
  clearTimeout(timer)
}
