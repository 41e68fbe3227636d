import { lstat, mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { git, splitNul } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'
import { makeClone } from './working-clone.ts'

/** A zip that is being made. */
export type WorktreeZip = {
  readonly bytes: Readable
  /** Clears away what it was made with. */
  drop(): Promise<void>
}

const LINK = 0o120777

/** A worktree as a zip of one folder: a working clone with the files as they are now, ignored ones left out. */
export async function zipWorktree(worktree: Worktree, name: string): Promise<WorktreeZip> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coppice-ide-'))
  const drop = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await makeClone(worktree, folder)
    const zip = new ZipFile()
    for (const file of await filesBelow(path.join(folder, '.git'))) await add(zip, folder, `.git/${file}`, name)
    const listed = await git(worktree.path, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
    for (const file of new Set(splitNul(listed))) await add(zip, worktree.path, file, name)
    zip.end()
    return { bytes: zip.outputStream as Readable, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

async function add(zip: ZipFile, root: string, file: string, name: string): Promise<void> {
  const from = path.join(root, file)
  const found = await lstat(from).catch((error: NodeJS.ErrnoException) => {
    // Deleted in the worktree: then it is deleted in the clone too.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  const to = `${name}/${file}`
  if (found?.isSymbolicLink())
    zip.addBuffer(Buffer.from(await readlink(from)), to, { mode: LINK, mtime: found.mtime, compress: false })
  // A folder here is a nested repository or a submodule, which has a clone of its own.
  else if (found?.isFile()) zip.addFile(from, to, { mode: found.mode, mtime: found.mtime })
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => {
    const file = path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')
    return entry.isFile() && !file.endsWith('.sample') ? [file] : []
  })
}
