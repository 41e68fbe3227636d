import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { LIMITS, type IdeOffer } from '@coppice/events'
import { createSyncedCheckpoint, type Checkpoint } from '../checkpoints/checkpoint.ts'
import { restoreCheckpoint } from '../checkpoints/restore.ts'
import { quickStatus } from '../git/status.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import { ideWords } from './in-words.ts'
import { readUpload, unpack, type Upload } from './upload-zip.ts'

/** What an upload would change, and what of the worktree's own uncommitted changes it would overwrite (I-16). */
export async function inspectUpload(
  worktree: Worktree,
  bytes: Buffer,
): Promise<Pick<IdeOffer, 'changed' | 'deleted' | 'changedCount' | 'deletedCount' | 'overwrites'>> {
  const { changed, deleted } = await effectOf(worktree, await readUpload(worktree.path, bytes))
  const dirty = new Set((await quickStatus(worktree.path)).files.map((file) => file.path))
  const most = LIMITS.uploadPathsShown
  return {
    changed: changed.slice(0, most),
    deleted: deleted.slice(0, most),
    changedCount: changed.length,
    deletedCount: deleted.length,
    overwrites: [...changed, ...deleted].filter((name) => dirty.has(name)).slice(0, most),
  }
}

/** What is not already so. */
async function effectOf(worktree: Worktree, upload: Upload): Promise<{ changed: string[]; deleted: string[] }> {
  const there = (name: string): Promise<Buffer | undefined> =>
    readFile(path.join(worktree.path, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined
      throw error
    })
  const changed: string[] = []
  for (const { path: name, bytes } of upload.files) if (!(await there(name))?.equals(bytes)) changed.push(name)
  const deleted: string[] = []
  for (const name of upload.deleted) if ((await there(name)) !== undefined) deleted.push(name)
  return { changed, deleted }
}

/**
 * Applies an upload to a worktree after a checkpoint: all of it, or, where something goes wrong, none. Again it changes nothing
 * more. The caller holds the session's locks.
 * @returns what it did, in a sentence
 */
export async function applyUpload(
  worktree: Worktree,
  bytes: Buffer,
  how: { operationId: string; dataFolder: string; before: (checkpoint: Checkpoint) => void },
): Promise<string> {
  const upload = await readUpload(worktree.path, bytes)
  const { changed, deleted } = await effectOf(worktree, upload)
  const checkpoint = await createSyncedCheckpoint(worktree, how.operationId, 'before an upload')
  how.before(checkpoint)
  // On the same disk, so that each file takes its place whole.
  const folder = await mkdtemp(path.join(how.dataFolder, 'upload-'))
  try {
    await unpack(upload, folder)
    try {
      for (const name of deleted) await rm(path.join(worktree.path, await checkWorktreePath(worktree.path, name)))
      for (const file of upload.files) {
        if (!changed.includes(file.path)) continue
        const to = path.join(worktree.path, await checkWorktreePath(worktree.path, file.path, 'follow'))
        await mkdir(path.dirname(to), { recursive: true })
        await rename(path.join(folder, file.path), to)
        await chmod(to, file.executable ? 0o755 : 0o644)
      }
    } catch (error) {
      await restoreCheckpoint(worktree, checkpoint)
      throw error
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return ideWords('uploaded changes', { files: changed.length, deletions: deleted.length })
}
