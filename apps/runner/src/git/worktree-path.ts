import { lstat, realpath } from 'node:fs/promises'
import path from 'node:path'

/** A path that a session may not touch; the message says why. */
export class PathRefused extends Error {
  readonly path: string

  constructor(given: string, reason: string) {
    super(`"${given}" ${reason}`)
    this.name = 'PathRefused'
    this.path = given
  }
}

/**
 * The one place where a path that came from outside is checked. Gives the path relative to the worktree, with forward
 * slashes. Refused: absolute paths, `..`, NUL, anything in a `.git`, and links that lead outside. The file need not exist;
 * of its folders those that exist are followed.
 * @throws {PathRefused}
 */
export async function checkWorktreePath(
  worktree: string,
  given: string,
  last: 'name' | 'follow' = 'name',
): Promise<string> {
  const relative = plainRelativePath(given)
  const root = await realpath(worktree)
  const parts = relative.split('/')
  // For git the last part may itself be a link: it is named, not followed, so that a link can be staged or discarded.
  // Who reads or writes the file follows it, so then it is checked like the others.
  let at = root
  for (const part of last === 'follow' ? parts : parts.slice(0, -1)) {
    at = path.join(at, part)
    const found = await lstat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    if (!found) break
    const real = await realpath(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new PathRefused(given, 'goes through a link that leads nowhere.')
      throw error
    })
    if (real !== root && !real.startsWith(root + path.sep))
      throw new PathRefused(given, 'goes through a link that leads out of the worktree.')
    if (real.slice(root.length).split(path.sep).some(isGitFolder))
      throw new PathRefused(given, 'is inside a .git folder.')
  }
  return relative
}

function plainRelativePath(given: string): string {
  if (given === '') throw new PathRefused(given, 'is empty.')
  if (given.includes('\0')) throw new PathRefused(given.replaceAll('\0', '?'), 'holds a NUL character.')
  if (path.posix.isAbsolute(given) || path.win32.isAbsolute(given))
    throw new PathRefused(given, 'is absolute; paths are relative to the worktree.')
  const parts = given.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0) throw new PathRefused(given, 'names the worktree itself.')
  if (parts.includes('..')) throw new PathRefused(given, 'holds "..", which leads out of the worktree.')
  if (parts.some(isGitFolder)) throw new PathRefused(given, 'is inside a .git folder.')
  return parts.join('/')
}

/** `.git` in any spelling that a case-insensitive file system would take for it. */
function isGitFolder(part: string): boolean {
  return part.toLowerCase().replace(/[. ]+$/, '') === '.git' || part.toLowerCase() === 'git~1'
}
