import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Runs git in a folder, with an identity of its own and none of the machine's settings. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.org',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.org',
  }
  const { stdout } = await exec('git', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim()
}

/** A small repository with one commit on `main`. */
export async function smallRepository(
  files: Readonly<Record<string, string>> = { 'README.md': '# Small\n' },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-repo-'))
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '--message', 'Start')
  return folder
}

/** A clone of this very repository, on a branch `main`, without its remotes. */
export async function cloneOfThisRepository(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-self-'))
  const here = new URL('../..', import.meta.url).pathname
  await git(folder, 'clone', '--quiet', '--no-hardlinks', here, '.')
  await git(folder, 'checkout', '--quiet', '-B', 'main')
  await git(folder, 'remote', 'remove', 'origin')
  return folder
}

/** A bare repository to push to. */
export async function emptyRemote(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-remote-'))
  await git(folder, 'init', '--quiet', '--bare')
  return folder
}
