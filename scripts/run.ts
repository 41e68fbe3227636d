import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a command in the repository's root; what it prints is shown as it comes, and given back. */
export async function run(
  command: string,
  args: readonly string[],
  options: { quiet?: boolean; env?: Record<string, string> } = {},
): Promise<Ran> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } })
  const chunks: string[] = []
  const take = (chunk: Buffer): void => {
    chunks.push(chunk.toString())
    if (!options.quiet) process.stdout.write(chunk)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? 1, output: chunks.join('') }
}
