import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../problem.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const client = join(root, 'apps/client')
const SOURCES = ['apps/client', 'packages/events', 'packages/protocol', 'packages/replica']
const NOT_SOURCES = new Set(['node_modules', '.cache', 'dist', 'dev', 'golden'])

/** Where the built web app is; built first if it is not there or older than its sources. */
export async function builtClient(say: (line: string) => void): Promise<string> {
  const dist = join(client, 'dist')
  const stampFile = join(dist, '.sources')
  const stamp = await stampOfSources()
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp) return dist
  say('Building the web app (once; about 20 seconds) …')
  const vite = join(client, 'node_modules/vite/bin/vite.js')
  const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: client,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Whoever asks for it (a test run, say), what is built is the real thing.
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const template = emptyDatabase()
  const output: Buffer[] = []
  for (const stream of [build.stdout, build.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const [code] = (await once(build, 'close')) as [number | null]
  if (code !== 0) throw new Problem(`The web app could not be built:\n${Buffer.concat(output).toString()}`)
  await template
  await mkdir(dist, { recursive: true })
  await writeFile(stampFile, stamp)
  return dist
}

/** Made meanwhile, for new data folders to be copied from. Where it cannot be, they are made the slow way. */
async function emptyDatabase(): Promise<void> {
  const script = join(root, 'apps/sync/src/store/make-template.ts')
  await once(spawn(process.execPath, [script], { stdio: 'ignore' }), 'exit')
}

async function stampOfSources(): Promise<string> {
  const hash = createHash('sha256')
  hash.update(await readFile(join(root, 'pnpm-lock.yaml')))
  for (const folder of SOURCES) await hashFolder(join(root, folder), hash)
  return hash.digest('hex')
}

async function hashFolder(folder: string, hash: ReturnType<typeof createHash>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NOT_SOURCES.has(entry.name) || entry.name.includes('.test.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await hashFolder(path, hash)
    else hash.update(entry.name).update(await readFile(path))
  }
}
