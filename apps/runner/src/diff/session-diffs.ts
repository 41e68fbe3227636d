import { LINES_AT_ONCE, type QueryAnswer, type QueryRequest } from '@coppice/protocol'
import type { Redaction } from '../agents/redaction.ts'
import { Pictures } from '../files/pictures.ts'
import { git } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import { blamedRuns } from './blamed-runs.ts'
import { changedContents } from './changed-contents.ts'
import { fileBlame } from './file-blame.ts'
import { filePatches } from './file-patches.ts'
import { NothingToCompare, sidesOf } from './scope-trees.ts'

type Request<K extends QueryRequest['kind']> = Extract<QueryRequest, { kind: K }>

/** Files that are named in one answer. */
const mostFiles = 5_000
/** Characters of patches in one answer. */
const mostPatchChars = 1024 * 1024
/** Trees that one session was told of and may ask about. */
const mostGiven = 128
/** Bytes of a file whose lines are shown. */
const mostBlobBytes = 64 * 1024 * 1024

/**
 * What sessions changed. The two sides of a comparison are trees, so that what is asked later (a patch, the lines around it)
 * belongs to the same moment. A session is answered only about trees that it was given: a repository can have others.
 */
export class SessionDiffs {
  readonly #redaction: Redaction
  readonly #pictures: Pictures
  readonly #given = new Map<string, string[]>()
  /** The patch, and the file, that are being read in parts. */
  #patch = { key: '', text: '' }
  #file: { key: string; lines: readonly string[] } = { key: '', lines: [] }

  constructor(redaction: Redaction) {
    this.#redaction = redaction
    this.#pictures = new Pictures(redaction)
  }

  async files(worktree: Worktree, { scope, ignoreSpace }: Request<'diff.files'>): Promise<QueryAnswer<'diff.files'>> {
    const sides = await sidesOf(worktree, scope)
    const given = [...(this.#given.get(worktree.sessionId) ?? []), sides.from, sides.to]
    this.#given.set(worktree.sessionId, given.slice(-mostGiven))
    const files = await changedContents(worktree.path, sides, ignoreSpace)
    return { ok: true, ...sides, files: files.slice(0, mostFiles), truncated: files.length > mostFiles }
  }

  async patches(worktree: Worktree, request: Request<'diff.patches'>): Promise<QueryAnswer<'diff.patches'>> {
    this.#known(worktree, request.from)
    this.#known(worktree, request.to)
    const patches: Extract<QueryAnswer<'diff.patches'>, { ok: true }>['patches'] = []
    let room = mostPatchChars
    const [first] = request.files
    if (request.offset > 0 && first) {
      const text = await this.#wholePatch(worktree, request, first)
      return { ok: true, patches: [part(first.path, text, request.offset)] }
    }
    const all = await filePatches(worktree.path, request, request.files, request.ignoreSpace)
    for (const { path } of request.files) {
      const patch = part(path, this.#redaction.text(all.get(path) ?? ''), 0)
      if (patches.length > 0 && patch.patch.length > room) break
      patches.push(patch)
      room -= patch.patch.length
    }
    return { ok: true, patches }
  }

  async lines(worktree: Worktree, { tree, path, from, to }: Request<'diff.lines'>): Promise<QueryAnswer<'diff.lines'>> {
    this.#known(worktree, tree)
    const lines = await this.#fileLines(worktree, tree, await checkWorktreePath(worktree.path, path))
    return { ok: true, lines: lines.slice(from - 1, Math.min(to, from + LINES_AT_ONCE - 1)), total: lines.length }
  }

  async blame(worktree: Worktree, request: Request<'diff.blame'>): Promise<QueryAnswer<'diff.blame'>> {
    this.#known(worktree, request.tree)
    const path = await checkWorktreePath(worktree.path, request.path)
    return { ok: true, runs: await blamedRuns(worktree, request.tree, path, request.checkpoints) }
  }

  /** Who wrote the lines of a file as it is now. */
  fileBlame(worktree: Worktree, request: Request<'file.blame'>): Promise<QueryAnswer<'file.blame'>> {
    return fileBlame(worktree, request.path, request.checkpoints, this.#redaction)
  }

  /** A picture on one side of a comparison, or as it is now. */
  async picture(worktree: Worktree, request: Request<'picture.read'>): Promise<QueryAnswer<'picture.read'>> {
    if (request.tree !== undefined) this.#known(worktree, request.tree)
    return this.#pictures.read(worktree.path, request)
  }

  #known(worktree: Worktree, tree: string): void {
    if (!this.#given.get(worktree.sessionId)?.includes(tree))
      throw new NothingToCompare('The runner was restarted, or much changed since: look again.')
  }

  async #wholePatch(
    worktree: Worktree,
    { from, to, ignoreSpace }: Request<'diff.patches'>,
    file: { path: string; from?: string | undefined },
  ): Promise<string> {
    const key = JSON.stringify([from, to, ignoreSpace, file])
    if (this.#patch.key === key) return this.#patch.text
    const found = await filePatches(worktree.path, { from, to }, [file], ignoreSpace)
    const text = this.#redaction.text(found.get(file.path) ?? '')
    this.#patch = { key, text }
    return text
  }

  async #fileLines(worktree: Worktree, tree: string, path: string): Promise<readonly string[]> {
    const key = `${tree}:${path}`
    if (this.#file.key === key) return this.#file.lines
    const size = Number((await git(worktree.path, ['cat-file', '-s', key])).trim())
    if (size > mostBlobBytes) throw new NothingToCompare(`${path} is too large to be shown whole.`)
    const lines = this.#redaction.text(await git(worktree.path, ['cat-file', 'blob', key])).split('\n')
    if (lines.at(-1) === '') lines.pop()
    this.#file = { key, lines }
    return lines
  }
}

/** As much of a patch as fits, up to the end of a line. */
function part(path: string, text: string, offset: number): { path: string; patch: string; next?: number } {
  if (text.length - offset <= mostPatchChars) return { path, patch: text.slice(offset) }
  const cut = text.lastIndexOf('\n', offset + mostPatchChars)
  const next = cut < offset ? offset + mostPatchChars : cut + 1
  return { path, patch: text.slice(offset, next), next }
}
