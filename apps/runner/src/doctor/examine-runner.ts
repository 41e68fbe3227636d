import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Examination, Finding, KnownSession } from '@coppice/protocol'
import { DataFolderRefused, takeDataFolder } from '../data-folder.ts'
import { git, onlyGitFailures } from '../git/git.ts'
import { requireGit } from '../git/version.ts'
import { isWorktree, type Worktree } from '../git/worktree.ts'

export interface RunnerExamination {
  /** The runner of this folder; without it nothing is held against the logs. */
  readonly runnerId?: string | undefined
  readonly sessions?: readonly KnownSession[] | undefined
  readonly mend: boolean
}

const KEPT = 'Nothing was changed: work may be in it.'

/** Holds a runner's records, folders and refs against the sessions that the logs know (OB-2). */
export async function examineRunner(folder: string, of: RunnerExamination): Promise<Examination> {
  const findings: Finding[] = []
  const say = (level: Finding['level'], says: string, advice: string, mending: Finding['mending'] = 'no'): void =>
    void findings.push({ level, area: 'worktrees', says, advice, mending })
  const versions = { git: (await requireGit()).replace(/^git version /, '') }
  if (!existsSync(folder)) return { findings, examined: { worktrees: 0 }, bytes: {}, versions }

  const records = readRecords(path.join(folder, 'sessions'), say)
  const known = new Map(of.sessions?.map((session) => [session.sessionId, session]))
  for (const record of records.values()) {
    if (of.sessions !== undefined && !known.has(record.sessionId))
      say(
        'wrong',
        `The worktree ${record.path} (branch ${record.branch}) is of session ${record.sessionId}, which no log knows.`,
        `${KEPT} If you do not need it: git -C ${record.repository.home} worktree remove ${record.path}`,
      )
    else if (record.made && known.get(record.sessionId)?.hasWorktree && !(await isWorktree(record)))
      say(
        'wrong',
        `The worktree of session ${record.sessionId} is gone from ${record.path}, and the session has not ended.`,
        'End the session. Its checkpoints are still in the repository.',
      )
  }
  for (const session of known.values()) {
    if (session.runnerId !== of.runnerId || !session.hasWorktree || records.has(session.sessionId)) continue
    say(
      'wrong',
      `Session ${session.sessionId} has a worktree in its log, and this runner has no record of one.`,
      'If the runner was given another data folder, give it the old one back. Otherwise end the session.',
    )
  }
  for (const name of namesIn(path.join(folder, 'worktrees'))) {
    if (records.has(name)) continue
    say('wrong', `The folder ${path.join(folder, 'worktrees', name)} is of no session that this runner knows.`, KEPT)
  }
  await examineRepositories(records, known, of.sessions !== undefined, say)
  examineHalfMade(folder, of.mend, say)
  return {
    findings,
    examined: { worktrees: records.size },
    bytes: {
      worktrees: bytesBelow(path.join(folder, 'worktrees')),
      mirrors: bytesBelow(path.join(folder, 'mirrors')),
      transcripts: bytesBelow(path.join(folder, 'logs')),
      archives: bytesBelow(path.join(folder, 'archives')),
    },
    versions,
  }
}

type Say = (level: Finding['level'], says: string, advice: string, mending?: Finding['mending']) => void

function readRecords(folder: string, say: Say): Map<string, Worktree> {
  const records = new Map<string, Worktree>()
  for (const name of namesIn(folder).filter((one) => one.endsWith('.json'))) {
    const file = path.join(folder, name)
    try {
      const record = JSON.parse(readFileSync(file, 'utf8')) as Worktree
      if (typeof record.path !== 'string' || typeof record.repository?.home !== 'string')
        throw new SyntaxError('incomplete')
      records.set(record.sessionId, record)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      say(
        'wrong',
        `${file} cannot be read (${error.message}): the runner has lost where that session's worktree is.`,
        KEPT,
      )
    }
  }
  return records
}

/** Refs and worktrees that git keeps for sessions which nobody knows. */
async function examineRepositories(
  records: ReadonlyMap<string, Worktree>,
  known: ReadonlyMap<string, KnownSession>,
  logsAreRead: boolean,
  say: Say,
): Promise<void> {
  const homes = new Map([...records.values()].map(({ repository }) => [repository.gitDir, repository.home]))
  for (const [gitDir, home] of homes) {
    const refs = existsSync(home)
      ? await git(home, ['for-each-ref', '--format=%(refname)', 'refs/coppice']).catch(onlyGitFailures)
      : undefined
    if (refs === undefined) {
      say(
        'wrong',
        `The repository ${home} cannot be read.`,
        'Put it back where it was; its sessions cannot go on without it.',
      )
      continue
    }
    const owners = new Set(refs.split('\n').flatMap((ref) => ref.split('/')[2] ?? []))
    const strangers = [...owners].filter((id) => logsAreRead && !known.has(id) && !records.has(id))
    for (const sessionId of strangers)
      say(
        'wrong',
        `${gitDir} has checkpoints under refs/coppice/${sessionId}/, and no log knows that session.`,
        `Another Coppice may use the repository. If none does: git -C ${home} for-each-ref --format='delete %(refname)' refs/coppice/${sessionId}/ | git -C ${home} update-ref --stdin`,
      )
  }
}

/** What a process that was killed left on its way to its name. Removed only while no runner works here. */
function examineHalfMade(folder: string, mend: boolean, say: Say): void {
  const found = ['sessions', 'archives', 'mirrors'].flatMap((name) =>
    namesIn(path.join(folder, name))
      .filter((one) => one.endsWith('.new') || one.endsWith('.making'))
      .map((one) => path.join(folder, name, one)),
  )
  if (found.length === 0) return
  const release = takeIfFree(folder)
  try {
    for (const file of found) {
      const removed = mend && release !== undefined
      if (removed) rmSync(file, { recursive: true, force: true })
      if (release === undefined) continue
      const advice = removed ? 'It was removed.' : 'Nothing needs it. `coppice doctor --mend` removes it.'
      say('degraded', `${file} was left by a process that was cut off.`, advice, removed ? 'done' : 'possible')
    }
  } finally {
    release?.()
  }
}

/** Undefined while a runner has the folder: it is in the middle of things. */
function takeIfFree(folder: string): (() => void) | undefined {
  try {
    return takeDataFolder(folder)
  } catch (error) {
    if (error instanceof DataFolderRefused) return undefined
    throw error
  }
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])

function bytesBelow(folder: string): number {
  if (!existsSync(folder)) return 0
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile())
      bytes += (statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) * 512
  return bytes
}
