import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const CLIENT = fileURLToPath(new URL('../../apps/client/', import.meta.url))

/** Builds the web app with rows of an older version, in a folder of its own; some ten seconds. */
export async function olderClient(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-older-'))
  const vite = join(CLIENT, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--config', 'dev/older-client.config.ts', '--outDir', folder, '--logLevel', 'error']
  await promisify(execFile)(process.execPath, args, { cwd: CLIENT, env: { ...process.env, NODE_ENV: 'production' } })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
