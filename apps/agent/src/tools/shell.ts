import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { endMarked, signalGroup } from './left-processes.ts'

/** How a command ended. */
export type CommandEnd = {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly why: 'ended' | 'timeout' | 'canceled'
}

const killAfterMs = 1_500
const marker = 'COPPICE_CODE_COMMAND'
/** Groups of the commands that run now: they do not outlive the agent, however it ends in order. */
const living = new Set<number>()
process.on('exit', () => {
  for (const pid of living) signalGroup(pid, 'SIGKILL')
})
const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'

/**
 * Runs a command line in a process group of its own. Output of both kinds is told in the order it comes. When it ends, is
 * canceled or takes too long, all that it started ends with it.
 */
export function runCommand(
  command: string,
  cwd: string,
  { signal, withinMs }: { readonly signal: AbortSignal; readonly withinMs: number },
  onOutput: (text: string) => void,
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const mark = randomUUID()
    const child = spawn(shell, ['-c', command], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...commandEnvironment(), [marker]: mark },
    })
    const { pid } = child
    if (pid !== undefined) living.add(pid)
    let why: CommandEnd['why'] = 'ended'
    let killing: NodeJS.Timeout | undefined
    const stop = (reason: CommandEnd['why']): void => {
      if (why !== 'ended') return
      why = reason
      signalGroup(pid, 'SIGTERM')
      killing = setTimeout(() => signalGroup(pid, 'SIGKILL'), killAfterMs)
    }
    const cancel = (): void => stop('canceled')
    const timer = setTimeout(() => stop('timeout'), withinMs)
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
    const settle = (): void => {
      if (pid !== undefined) living.delete(pid)
      clearTimeout(timer)
      clearTimeout(killing)
      signal.removeEventListener('abort', cancel)
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', onOutput)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    const ended = async (exitCode: number | null, by: NodeJS.Signals | null): Promise<void> => {
      // What it printed last may still be in the pipe; a background child may hold the pipe open for ever.
      await pause(30)
      signalGroup(pid, 'SIGKILL')
      await endMarked(marker, mark)
      settle()
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ exitCode, signal: by, why })
    }
    child.on('exit', (exitCode, by) => {
      ended(exitCode, by).catch(reject)
    })
  })
}

/** Nothing may ask or page, and what is the agent's own stays its own. */
function commandEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('COPPICE_CODE_') && name !== 'COPPICE_AGENT_DATA',
  )
  return {
    ...Object.fromEntries(own),
    TERM: 'dumb',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
  }
}
