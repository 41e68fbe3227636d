/**
 * Installs the CLIs of agents for the tests, outside the workspace (each has hundreds of megabytes), once per version.
 *
 *   node scripts/install-agent.ts opencode kilo …     prints the path of each binary; without a name: opencode
 *
 * COPPICE_TEST_CACHE names the folder; by default ~/.cache/coppice-test.
 */
import { spawn } from 'node:child_process'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** The versions the tests drive, and what each binary is called. */
const clis = {
  opencode: { packages: ['opencode-ai@1.18.33'], binary: 'opencode' },
  kilo: { packages: ['@kilocode/cli@7.7.7'], binary: 'kilo' },
  claude: { packages: ['@agentclientprotocol/claude-agent-acp@0.100.0'], binary: 'claude-agent-acp' },
  codex: { packages: ['@agentclientprotocol/codex-acp@2.6.0', '@openai/codex@0.166.0'], binary: 'codex-acp' },
  gemini: { packages: ['@google/gemini-cli@0.61.0'], binary: 'gemini' },
  qwen: { packages: ['@qwen-code/qwen-code@0.24.4'], binary: 'qwen' },
} as const

export type InstalledCli = keyof typeof clis

/** Where that version's binary is, or will be. */
function binaryOf(cli: InstalledCli): string {
  const { packages, binary } = clis[cli]
  const cache = process.env['COPPICE_TEST_CACHE'] ?? path.join(os.homedir(), '.cache', 'coppice-test')
  const version = packages[0].slice(packages[0].lastIndexOf('@') + 1)
  return path.join(cache, `${cli}-${version}`, 'node_modules', '.bin', binary)
}

/** Installs it unless it is there; two at once do no harm (each makes its own, the first to finish stays). */
export async function installAgent(cli: InstalledCli, say: (line: string) => void): Promise<string> {
  const binary = binaryOf(cli)
  if (await isThere(binary)) return binary
  const { packages } = clis[cli]
  const folder = path.resolve(binary, '../../..')
  const making = `${folder}.${process.pid}.making`
  say(`Installing ${packages.join(', ')} in ${folder} (once; hundreds of megabytes) …`)
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true })
  await writeFile(path.join(making, 'package.json'), JSON.stringify({ name: `${cli}-for-tests`, private: true }))
  try {
    await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], making)
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

function isCli(name: string): name is InstalledCli {
  return name in clis
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  for (const name of names.length > 0 ? names : ['opencode']) {
    if (!isCli(name)) throw new Error(`There is no ${name}; there are: ${Object.keys(clis).join(', ')}.`)
    console.log(await installAgent(name, (line) => console.error(line)))
  }
}
