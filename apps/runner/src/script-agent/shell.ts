import { spawn } from 'node:child_process'
import { toBackground } from '../processes/background.ts'

/** How a command ended. */
export type ShellEnd = { readonly exitCode: number | null; readonly signal: string | null }

const killAfterMs = 2_000

/**
 * Runs a command as `sh` does, in a process group of its own; output of both kinds is told in the order it comes.
 * Aborting ends the whole group.
 */
export function runShell(
  command: string,
  cwd: string,
  signal: AbortSignal,
  onOutput: (text: string) => void,
): Promise<ShellEnd> {
  return new Promise((resolve, reject) => {
    // A TTY is not there, so nothing may ask for one; colours are for those who asked.
    const child = spawn('sh', ['-c', command], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    toBackground(child.pid)
    const group = (kill: NodeJS.Signals): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, kill)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
    let killing: NodeJS.Timeout | undefined
    const stop = (): void => {
      group('SIGTERM')
      killing = setTimeout(() => group('SIGKILL'), killAfterMs)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', onOutput)
    }
    const settle = (): void => {
      signal.removeEventListener('abort', stop)
      if (killing) clearTimeout(killing)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    child.on('exit', (exitCode, by) => {
      // A background child may hold the pipes open for ever: what it prints later is not this command's output.
      setTimeout(() => {
        if (signal.aborted) group('SIGKILL')
        settle()
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ exitCode, signal: by })
      }, 30)
    })
  })
}
