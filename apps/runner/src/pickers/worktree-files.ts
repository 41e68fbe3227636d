import { ranked } from '@coppice/protocol'
import type { QueryAnswer } from '@coppice/protocol'
import { git, splitNul } from '../git/git.ts'

/** So many are given to one question. */
const mostPaths = 50
/** So many are looked through; the rest is said to be there. */
const mostFiles = 200_000
/** Lists of so many worktrees are kept. */
const mostLists = 8
/** How long a list serves, ms, or four times as long as it took to make: while somebody types, not once for each letter. */
const freshMs = 1_000

type Listing = { readonly paths: readonly string[]; readonly truncated: boolean }
type Kept = { readonly listing: Promise<Listing>; freshUntil: number }

/** The files of worktrees, for `@`. A list is kept for a moment only, so that what is new is found in the next. */
export class WorktreeFiles {
  readonly #kept = new Map<string, Kept>()
  readonly #now: () => number

  /** @param now ms, never going back */
  constructor(now: () => number) {
    this.#now = now
  }

  /** The files that fit `text` best. @throws {GitFailure} */
  async find(folder: string, text: string): Promise<QueryAnswer<'files'>> {
    const { paths, truncated } = await this.#listing(folder)
    return { ok: true, paths: [...ranked(paths, text, (one) => one, mostPaths)], total: paths.length, truncated }
  }

  #listing(folder: string): Promise<Listing> {
    const known = this.#kept.get(folder)
    if (known && this.#now() < known.freshUntil) return known.listing
    const began = this.#now()
    const kept: Kept = { listing: list(folder), freshUntil: Infinity }
    this.#kept.delete(folder)
    this.#kept.set(folder, kept)
    for (const oldest of [...this.#kept.keys()].slice(0, -mostLists)) this.#kept.delete(oldest)
    void this.#settle(folder, kept, began)
    return kept.listing
  }

  async #settle(folder: string, kept: Kept, began: number): Promise<void> {
    const [{ status }] = await Promise.allSettled([kept.listing])
    const now = this.#now()
    kept.freshUntil = now + Math.max(freshMs, 4 * (now - began))
    // One that failed, which is told to who asked, is made again at the next question.
    if (status === 'rejected' && this.#kept.get(folder) === kept) this.#kept.delete(folder)
  }
}

async function list(folder: string): Promise<Listing> {
  const [all, deleted] = await Promise.all([
    git(folder, ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z']),
    git(folder, ['ls-files', '--deleted', '-z']),
  ])
  const gone = new Set(splitNul(deleted))
  // A name that ends so is a repository inside this one: its files are not of this worktree.
  const paths = splitNul(all).filter((path) => !gone.has(path) && !path.endsWith('/'))
  return { paths: paths.slice(0, mostFiles), truncated: paths.length > mostFiles }
}
