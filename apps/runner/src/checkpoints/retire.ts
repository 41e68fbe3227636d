import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { git, onlyGitFailures } from '../git/git.ts'
import { commitOf } from '../git/repository.ts'
import { isWorktree, safeId } from '../git/worktree.ts'
import type { Worktree, Worktrees } from '../git/worktree.ts'
import { archiveKey, unpackArchive, writeArchive } from './archive.ts'
import type { Archive } from './archive.ts'
import { createSyncedCheckpoint, findCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { uncheckpointed } from './ignored-files.ts'
import { restoreCheckpoint } from './restore.ts'

/** More ignored bytes than this are not archived; the worktree is kept instead. */
export const mostArchivedBytes = 512 * 1024 * 1024

/** A worktree that must stay, and why. Nothing was removed. */
export class RemovalRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RemovalRefused'
  }
}

/** All that is needed to bring a removed worktree back as it was. */
export type Retired = {
  readonly checkpointId: string
  readonly checkpoint: string
  /** The branch HEAD was on; null when it was detached. */
  readonly branch: string | null
  readonly archive: Archive | null
  /** Caches that were not kept, by path. */
  readonly leftOut: readonly string[]
}

function recordFile(dataFolder: string, sessionId: string): string {
  return path.join(dataFolder, 'archives', `${safeId(sessionId)}.json`)
}

/** Keeps everything a removal would lose: checkpoint, encrypted archive, and a note of both. @throws {RemovalRefused} */
export async function archiveWorktree(
  dataFolder: string,
  worktree: Worktree,
  checkpointId: string,
  limit: number = mostArchivedBytes,
): Promise<{ retired: Retired; checkpoint: Checkpoint }> {
  if (worktree.path === worktree.repository.home)
    throw new RemovalRefused(`${worktree.path} is your own checkout; Coppice never removes it.`)
  await refuseSubmodulesWithWork(worktree)
  const checkpoint = await createSyncedCheckpoint(worktree, checkpointId, 'before the worktree is removed')
  const rest = await uncheckpointed(worktree.path)
  if (rest.bytes > limit) {
    throw new RemovalRefused(
      `The worktree ${worktree.path} is kept: its ignored files have ${megabytes(rest.bytes)} MB, and at most ${megabytes(limit)} MB are archived. Delete what you do not need there, then end the session again.`,
    )
  }
  const file = path.join(dataFolder, 'archives', `${safeId(worktree.sessionId)}-${safeId(checkpointId)}.tar.gz.enc`)
  const archive =
    rest.files.length === 0 ? null : await writeArchive(file, worktree.path, rest.files, await archiveKey(dataFolder))
  const branch = (await git(worktree.path, ['symbolic-ref', '-q', '--short', 'HEAD'], { answers: [1] })).trim() || null
  const retired: Retired = { checkpointId, checkpoint: checkpoint.commit, branch, archive, leftOut: rest.leftOut }
  const record = recordFile(dataFolder, worktree.sessionId)
  await mkdir(path.dirname(record), { recursive: true })
  await writeFile(`${record}.new`, JSON.stringify(retired, null, 2), { flush: true })
  await rename(`${record}.new`, record)
  return { retired, checkpoint }
}

/** Removes a worktree that {@link archiveWorktree} has kept, if nothing changed since. The branch stays. @throws {RemovalRefused} */
export async function removeWorktree(worktrees: Worktrees, dataFolder: string, worktree: Worktree): Promise<void> {
  const retired = await findRetired(dataFolder, worktree.sessionId)
  if (!retired) throw new RemovalRefused(`The worktree ${worktree.path} was not archived, so it is not removed.`)
  await worktrees.removeFolder(worktree)
}

/** What is kept of a removed worktree. */
export async function findRetired(dataFolder: string, sessionId: string): Promise<Retired | undefined> {
  const text = await readFile(recordFile(dataFolder, sessionId), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : (JSON.parse(text) as Retired)
}

/** Brings a removed worktree back: files, index, branch and ignored files. Does nothing when it is there. */
export async function bringBack(dataFolder: string, worktree: Worktree): Promise<Retired> {
  const retired = await findRetired(dataFolder, worktree.sessionId)
  if (!retired) throw new RemovalRefused('Nothing is kept of this session’s worktree, so it cannot be restored.')
  const checkpoint = await findCheckpoint(worktree, retired.checkpointId)
  if (!checkpoint)
    throw new RemovalRefused(
      `The checkpoint ${retired.checkpoint} is no longer in ${worktree.repository.home}, so the worktree cannot be restored.`,
    )
  if (await isWorktree(worktree)) return retired
  const { home } = worktree.repository
  // Git may still know of a folder that went without it.
  await git(home, ['worktree', 'remove', '--force', '--force', worktree.path]).catch(onlyGitFailures)
  const at = retired.branch === null ? undefined : await commitOf(home, `refs/heads/${retired.branch}`)
  const args =
    retired.branch === null
      ? ['--detach', worktree.path, checkpoint.head]
      : at
        ? [worktree.path, retired.branch]
        : ['-b', retired.branch, worktree.path, checkpoint.head]
  await mkdir(path.dirname(worktree.path), { recursive: true })
  // Files of Git LFS that are nowhere to be had stay pointers.
  await git(home, ['worktree', 'add', '--quiet', ...args], { env: { GIT_LFS_SKIP_DOWNLOAD_ERRORS: '1' } })
  await restoreCheckpoint(worktree, checkpoint)
  if (retired.archive) await unpackArchive(retired.archive.file, worktree.path, await archiveKey(dataFolder))
  return retired
}

/** A submodule's own git folder goes with the worktree: with uncommitted or unpublished work in it, the worktree stays. */
async function refuseSubmodulesWithWork(worktree: Worktree): Promise<void> {
  const list = (await git(worktree.path, ['submodule', 'status', '--recursive']).catch(onlyGitFailures)) ?? ''
  for (const line of list.split('\n')) {
    // "-": not initialised, so nothing is in it.
    const name = /^[ +U][0-9a-f]+ (.+?)(?: \(.*\))?$/.exec(line)?.[1]
    if (!name) continue
    const dir = path.join(worktree.path, name)
    const dirty = (await git(dir, ['status', '--porcelain', '--ignored=no'])).trim() !== ''
    const unpublished =
      (await git(dir, ['rev-list', '--max-count=1', 'HEAD', '--branches', '--not', '--remotes'])).trim() !== ''
    const stashed = (await commitOf(dir, 'refs/stash')) !== undefined
    if (dirty || unpublished || stashed) {
      const what = dirty ? 'uncommitted changes' : unpublished ? 'commits that are on no remote' : 'a stash'
      throw new RemovalRefused(
        `The worktree ${worktree.path} is kept: the submodule ${name} has ${what}. Commit and push there, then end the session again.`,
      )
    }
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)
}
