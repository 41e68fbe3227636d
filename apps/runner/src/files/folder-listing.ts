import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { QueryAnswer } from '@coppice/protocol'
import { git, gitAnswer, splitNul } from '../git/git.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'

type Listing = Extract<QueryAnswer<'tree'>, { ok: true }>
type Entry = Listing['entries'][number]

/** So many entries of a folder are given. */
const mostEntries = 5_000

/**
 * One folder of a worktree: folders first, names in order; what git ignores is marked, and what changed against HEAD.
 * @param given relative to the worktree; empty for its top
 * @throws {PathRefused} @throws {GitFailure}
 */
export async function listFolder(worktree: string, given: string): Promise<Listing> {
  const name = given === '' ? '' : await checkWorktreePath(worktree, given, 'follow')
  const found = (await readdir(path.join(worktree, name), { withFileTypes: true })).filter((one) => one.name !== '.git')
  const prefix = name === '' ? '' : `${name}/`
  const kept = found.toSorted(inOrder).slice(0, mostEntries)
  const [ignored, changed] = await Promise.all([
    ignoredOf(
      worktree,
      kept.map((one) => prefix + one.name),
    ),
    changesIn(worktree, name, prefix),
  ])
  const entries = kept.map((one): Entry => {
    const letter = changed.get(one.name)
    return {
      name: one.name,
      kind: one.isDirectory() ? 'folder' : one.isSymbolicLink() ? 'link' : 'file',
      ...(ignored.has(prefix + one.name) ? { ignored: true } : {}),
      ...(letter === undefined ? {} : { changed: letter }),
    }
  })
  return { ok: true, entries, truncated: found.length > mostEntries }
}

function inOrder(a: Dirent, b: Dirent): number {
  return Number(b.isDirectory()) - Number(a.isDirectory()) || a.name.localeCompare(b.name, 'en', { numeric: true })
}

async function ignoredOf(worktree: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set()
  const { out } = await gitAnswer(worktree, ['check-ignore', '--stdin', '-z'], {
    input: paths.map((one) => `${one}\0`).join(''),
    // 1 means that none is ignored.
    answers: [1],
  })
  return new Set(splitNul(out))
}

/** git's letter for what changed in a folder, by the name in it; of a folder in it, one of those inside. */
async function changesIn(worktree: string, name: string, prefix: string): Promise<ReadonlyMap<string, string>> {
  const where = name === '' ? [] : ['--', `:(literal)${name}`]
  // Without git's lock, so that who stages or commits at this moment is not refused.
  const env = { GIT_OPTIONAL_LOCKS: '0' }
  const out = await git(worktree, ['status', '--porcelain=v1', '-z', '--no-renames', ...where], { env })
  const letters = new Map<string, string>()
  for (const line of splitNul(out)) {
    const [first, inside] = line.slice(3 + prefix.length).split('/')
    if (first === undefined || first === '') continue
    const letter = line.slice(0, 2).trim().slice(-1)
    letters.set(first, inside === undefined || inside === '' ? letter : 'M')
  }
  return letters
}
