import { existsSync } from 'node:fs'
import { findNats } from '../apps/sync/src/testing/nats-server.ts'
import { findPostgres } from '../apps/sync/src/testing/postgres-server.ts'
import { run } from './run.ts'

/** Something that tests need is not there and could not be installed. */
export class MissingTool extends Error {}

const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The browser for browser tests: `COPPICE_CHROMIUM`, or one found where systems keep it. */
export const chromiumPath = (): string | undefined =>
  [process.env['COPPICE_CHROMIUM'] ?? '', ...CHROMIUM].find((path) => path !== '' && existsSync(path))

/** Debian's packages, where this process may install them. */
async function install(packages: readonly string[], what: string): Promise<string> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return ''
  process.stdout.write(`Installing ${what} …\n`)
  await run('apt-get', ['update', '-qq'], { quiet: true })
  const { output } = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    quiet: true,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
  return output
}

export async function ensureChromium(): Promise<void> {
  if (chromiumPath()) return
  const output = await install(['chromium'], 'Chromium for the browser tests')
  if (chromiumPath()) return
  throw new MissingTool(
    `${output}The browser tests need Chromium. Install it (Debian: apt-get install chromium) or set COPPICE_CHROMIUM to its path, and run this again.`,
  )
}

/** A PostgreSQL whose programs the tests start by themselves, unless `DATABASE_URL` names one that runs. */
export async function ensurePostgres(): Promise<void> {
  if (process.env['DATABASE_URL'] || findPostgres()) return
  const output = await install(['postgresql'], 'PostgreSQL for the server tests')
  if (findPostgres()) return
  throw new MissingTool(
    `${output}The server tests need PostgreSQL 15 or newer. Install it (Debian: apt-get install postgresql; nothing needs to run), or set DATABASE_URL to the address of one whose user may make databases, and run this again.`,
  )
}

/** The NATS server that the tests of several servers start by themselves. */
export async function ensureNats(): Promise<void> {
  if (findNats()) return
  const output = await install(['nats-server'], 'the NATS server for the tests of several servers')
  if (findNats()) return
  throw new MissingTool(
    `${output}The tests of several servers need nats-server. Install it (Debian: apt-get install nats-server; it need not run) and run this again.`,
  )
}

/** The sandbox of agents: Linux only, and not every machine lets one run. Where it is not there the tests of what happens then run. */
export async function offerBubblewrap(): Promise<void> {
  if (process.platform !== 'linux' || existsSync('/usr/bin/bwrap')) return
  await install(['bubblewrap'], 'bubblewrap for the sandbox tests')
}

/** Git LFS: where it is not there the tests of what happens then run, and those with real files do not. */
export async function offerGitLfs(): Promise<void> {
  if (existsSync('/usr/bin/git-lfs')) return
  await install(['git-lfs'], 'Git LFS for the tests of its files')
}

/** The real agents that tests drive, installed from npm into a folder outside the workspace. */
export async function ensureAgents(): Promise<void> {
  const { code, output } = await run('node', ['scripts/install-agent.ts', 'opencode', 'claude'], { quiet: true })
  if (code !== 0)
    throw new MissingTool(`OpenCode and Claude Code, which the agent tests drive, could not be installed:\n${output}`)
}

/** The built web app that the server serves in browser tests. */
export async function ensureClient(): Promise<void> {
  const { code } = await run('node', ['apps/terminal/src/coppice.ts', 'build'])
  if (code !== 0) throw new MissingTool('The web app could not be built; the lines above say why.')
}

/** The screens over their stand-in server, built once for all tests that look at them. */
export async function ensureScreens(folder: string): Promise<void> {
  const { code } = await run('node', ['apps/client/dev/build-screens.ts', folder])
  if (code !== 0) throw new MissingTool('The screens could not be built; the lines above say why.')
}
