import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { passedEnvironment } from '../passed-environment.ts'

/** The full path of a command on the PATH of `env`; nothing where there is none that may be run. */
export async function findCommand(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const candidates = path.isAbsolute(name)
    ? [name]
    : (env['PATH'] ?? '')
        .split(path.delimiter)
        .filter(Boolean)
        .map((folder) => path.join(folder, name))
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return candidate
  }
  return undefined
}

/** Runs a command of an agent (its version, its models) and gives what it prints; nothing when it fails or takes too long. */
export function askCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  withinMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      env: { ...passedEnvironment(process.env), ...env },
      timeout: withinMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 4 * 1024 * 1024,
    }
    execFile(command, [...args], options, (error, stdout) => resolve(error ? undefined : stdout.toString().trim()))
  })
}
