import { existsSync } from 'node:fs'
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

export async function ensureChromium(): Promise<void> {
  if (chromiumPath()) return
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (canInstall) {
    process.stdout.write('Installing Chromium for the browser tests …\n')
    await run('apt-get', ['update', '-qq'], { quiet: true })
    const { output } = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      quiet: true,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (chromiumPath()) return
    process.stdout.write(output)
  }
  throw new MissingTool(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium) or set COPPICE_CHROMIUM to its path, and run this again.',
  )
}

/** The real agent that tests drive, installed from npm into a folder outside the workspace. */
export async function ensureAgents(): Promise<void> {
  const { code, output } = await run('node', ['scripts/install-opencode.ts'], { quiet: true })
  if (code !== 0) throw new MissingTool(`OpenCode, which the agent tests drive, could not be installed:\n${output}`)
}

/** The built web app that the server serves in browser tests. */
export async function ensureClient(): Promise<void> {
  const { code } = await run('node', ['apps/terminal/src/coppice.ts', 'build'])
  if (code !== 0) throw new MissingTool('The web app could not be built; the lines above say why.')
}
