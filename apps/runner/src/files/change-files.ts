import { createHash, randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { unreachable, type Attachment, type FileOperation } from '@coppice/events'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { createSyncedCheckpoint } from '../checkpoints/checkpoint.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkWorktreePath, PathRefused } from '../git/worktree-path.ts'

/** The file is not what the writer began from; nothing was written. */
export class ChangedMeanwhile extends Error {
  constructor(name: string) {
    super(
      `${name} was changed meanwhile, by the agent or by somebody else. Nothing was written: what is there is kept.`,
    )
    this.name = 'ChangedMeanwhile'
  }
}

/** What changing files needs besides the worktree. */
export type FileChanging = {
  readonly operationId: string
  /** The bytes of a file that goes with the operation, checked. */
  readonly content: (content: Attachment) => Promise<Uint8Array>
  /** Before anything is deleted or replaced unseen, what is there is kept. */
  readonly before: (checkpoint: Checkpoint) => void
}

/**
 * Changes files of a worktree as a person asked. Doing the same again, after a restart, changes nothing more. What is
 * deleted stands in a checkpoint, and so does what is replaced unseen.
 * @returns what it did, in a sentence
 * @throws {PathRefused} @throws {ChangedMeanwhile} @throws {Error} with the system's words
 */
export async function changeFiles(worktree: Worktree, operation: FileOperation, how: FileChanging): Promise<string> {
  const keep = async (): Promise<void> =>
    how.before(await createSyncedCheckpoint(worktree, how.operationId, `before ${operation.kind}`))
  switch (operation.kind) {
    case 'writeFile':
      return write(worktree, operation, how, keep)
    case 'makeFolder': {
      const name = await checkWorktreePath(worktree.path, operation.path, 'follow')
      await mkdir(path.join(worktree.path, name), { recursive: true })
      return `Made the folder ${name}.`
    }
    case 'rename':
      return move(worktree, operation)
    case 'delete':
      return remove(worktree, operation.paths, keep)
    default:
      return unreachable(operation)
  }
}

async function write(
  worktree: Worktree,
  { path: given, content, base }: Extract<FileOperation, { kind: 'writeFile' }>,
  how: FileChanging,
  keep: () => Promise<void>,
): Promise<string> {
  const name = await checkWorktreePath(worktree.path, given, 'follow')
  const target = path.join(worktree.path, name)
  const there = await bytesOf(target)
  const hash = there && sha256(there)
  const done = there === undefined ? `Made ${name}.` : `Saved ${name}.`
  if (hash === content.sha256) return done
  if (base !== 'any' && (base === 'absent' ? undefined : base) !== hash) throw new ChangedMeanwhile(name)
  const bytes = await how.content(content)
  if (base === 'any' && there !== undefined) await keep()
  await mkdir(path.dirname(target), { recursive: true })
  await replace(target, bytes)
  return done
}

/** Whole or not at all, with the rights the file had. */
async function replace(target: string, bytes: Uint8Array): Promise<void> {
  const mode = await stat(target).then(
    (found) => found.mode,
    () => undefined,
  )
  const half = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID().slice(0, 8)}.coppice`)
  try {
    const handle = await open(half, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (mode !== undefined) await chmod(half, mode)
    await rename(half, target)
  } finally {
    await rm(half, { force: true })
  }
}

async function move(
  worktree: Worktree,
  { path: given, to }: Extract<FileOperation, { kind: 'rename' }>,
): Promise<string> {
  const from = await checkWorktreePath(worktree.path, given)
  const name = await checkWorktreePath(worktree.path, to)
  const [source, target] = [path.join(worktree.path, from), path.join(worktree.path, name)]
  const done = `Renamed ${from} to ${name}.`
  const taken = await found(target)
  // A file system that does not tell letters' case apart finds the file itself there.
  if (taken && !(from.toLowerCase() === name.toLowerCase() && taken.ino === (await found(source))?.ino)) {
    if (!(await found(source))) return done
    throw new PathRefused(to, 'is there already. Nothing was renamed.')
  }
  if (!(await found(source))) throw new PathRefused(given, 'is not there any more.')
  await mkdir(path.dirname(target), { recursive: true })
  await rename(source, target)
  return done
}

async function remove(worktree: Worktree, paths: readonly string[], keep: () => Promise<void>): Promise<string> {
  const names = await Promise.all(paths.map((one) => checkWorktreePath(worktree.path, one)))
  await keep()
  for (const name of names) await rm(path.join(worktree.path, name), { recursive: true, force: true })
  const what = names.length === 1 ? names[0] : `${names.length} files`
  return `Deleted ${what}; a checkpoint keeps what git does not ignore.`
}

/** Undefined where there is no such file. @throws where it is a folder */
async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function found(file: string): Promise<{ readonly ino: number } | undefined> {
  try {
    return await lstat(file)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
