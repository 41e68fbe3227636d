/**
 * Installs the OpenCode CLI for the tests, outside the workspace (it has 350 MB), once per version.
 *
 *   node scripts/install-opencode.ts          prints the path of the binary
 *
 * COPPICE_TEST_CACHE names the folder; by default ~/.cache/coppice-test.
 */
import { spawn } from 'node:child_process'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** The version the tests drive. */
export const openCodeVersion = '1.18.33'

/** Where that version's binary is, or will be. */
export function openCodeBinary(): string {
  const cache = process.env['COPPICE_TEST_CACHE'] ?? path.join(os.homedir(), '.cache', 'coppice-test')
  return path.join(cache, `opencode-${openCodeVersion}`, 'node_modules', '.bin', 'opencode')
}

/** Installs it unless it is there; two at once do no harm (each makes its own, the first to finish stays). */
export async function installOpenCode(say: (line: string) => void): Promise<string> {
  const binary = openCodeBinary()
  if (await isThere(binary)) return binary
  const folder = path.resolve(binary, '../../..')
  const making = `${folder}.${process.pid}.making`
  say(`Installing opencode-ai ${openCodeVersion} in ${folder} (once; about 350 MB) …`)
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true })
  await writeFile(path.join(making, 'package.json'), JSON.stringify({ name: 'opencode-for-tests', private: true }))
  try {
    await run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--loglevel=error', `opencode-ai@${openCodeVersion}`],
      making,
    )
    await rename(making, folder)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    if (!(await isThere(binary))) throw error
  }
  return binary
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}.`))
    })
  })
}

if (import.meta.main) console.log(await installOpenCode((line) => console.error(line)))
