import { spawn } from 'node:child_process'

export type ProgramEnd = {
  readonly exitCode: number
  readonly output: string
  readonly errors: string
  readonly cut: boolean
}

const mostBytes = 16 * 1024 * 1024

/**
 * Runs a program of the machine (git, rg) without a shell and gives what it printed; nothing where it is not there.
 * Output past a limit ends the program: `cut`. So does the signal, and the time.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  options: { readonly signal?: AbortSignal; readonly withinMs?: number; readonly mostBytes?: number } = {},
): Promise<ProgramEnd | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors]: [Buffer[], Buffer[]] = [[], []]
    let [bytes, cut] = [0, false]
    const stop = (): void => {
      cut = true
      child.kill('SIGKILL')
    }
    const timer = setTimeout(stop, options.withinMs ?? 60_000)
    options.signal?.addEventListener('abort', stop, { once: true })
    const done = (end: ProgramEnd | undefined): void => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', stop)
      resolve(end)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      if (cut) return
      output.push(chunk)
      bytes += chunk.length
      if (bytes > (options.mostBytes ?? mostBytes)) stop()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 20) errors.push(chunk)
    })
    child.on('error', () => done(undefined))
    child.on('close', (exitCode) =>
      done({ exitCode: exitCode ?? -1, output: text(output), errors: text(errors).trim(), cut }),
    )
  })
}

const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8')
