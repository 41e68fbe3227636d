import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { BLAMED_RUNS, type QueryAnswer } from '@coppice/protocol'
import type { Redaction } from '../agents/redaction.ts'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { gitAnswer } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import { blameOver } from './blame-over.ts'
import { runsIn } from './blamed-runs.ts'
import { NothingToCompare } from './scope-trees.ts'

type Commits = Extract<QueryAnswer<'file.blame'>, { ok: true }>['commits']

/**
 * Who wrote each line of a file as it is now: a checkpoint of the session where one had it first, else a commit.
 * @throws {NothingToCompare} @throws {PathRefused} @throws {GitFailure}
 */
export async function fileBlame(
  worktree: Worktree,
  given: string,
  checkpoints: readonly string[],
  redaction: Redaction,
): Promise<QueryAnswer<'file.blame'>> {
  const name = await checkWorktreePath(worktree.path, given, 'follow')
  const read = async (): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path.join(worktree.path, name)))
      .digest('hex')
  const before = await read()
  const tree = await wholeTree(worktree.path)
  if ((await read()) !== before) throw new NothingToCompare(`${name} is being written right now. Look again.`)
  const there = await gitAnswer(worktree.path, ['cat-file', '-e', `${tree}:${name}`], { answers: [1, 128] })
  if (there.code !== 0)
    throw new NothingToCompare(`${name} is left out of git here (.gitignore): nobody can say who wrote its lines.`)
  const { out, tip } = await blameOver(worktree, tree, name, checkpoints, true)
  const runs = runsIn(out, (commit) => (commit === tip ? 'now' : commit))
  if (runs.length > BLAMED_RUNS)
    throw new NothingToCompare(`${name} has more than ${BLAMED_RUNS} places of different origin: too many to be shown.`)
  const own = new Set([...checkpoints, tip])
  return { ok: true, sha256: before, runs, commits: commitsIn(out, redaction).filter(({ id }) => !own.has(id)) }
}

/** git tells of a commit when it comes to it first. */
function commitsIn(out: string, redaction: Redaction): Commits {
  const commits = new Map<string, Commits[number]>()
  let id = ''
  for (const line of out.split('\n')) {
    const [, head] = /^([0-9a-f]{40,64}) \d+ \d+ \d+$/.exec(line) ?? []
    if (head !== undefined) id = head
    const known = commits.get(id) ?? { id, author: '', at: 0, summary: '' }
    if (line.startsWith('author ')) commits.set(id, { ...known, author: redaction.text(line.slice(7)) })
    else if (line.startsWith('author-time ')) commits.set(id, { ...known, at: Number(line.slice(12)) * 1_000 })
    else if (line.startsWith('summary ')) commits.set(id, { ...known, summary: redaction.text(line.slice(8)) })
  }
  return [...commits.values()]
}
