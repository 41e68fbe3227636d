import type { WorkspaceState } from '@coppice/events'
import { unreachable } from '@coppice/events'
import type { AnyQueryAnswer, QueryAnswer, QueryRequest } from '@coppice/protocol'
import { providerById } from '../agents/providers.ts'
import { searchContent } from '../files/content-search.ts'
import { listFolder } from '../files/folder-listing.ts'
import { readText } from '../files/read-text.ts'
import { readPullRequest } from '../forge/pull-request.ts'
import { diffFile, diffFiles } from '../git/diff.ts'
import { git } from '../git/git.ts'
import { inspectRepository, RepositoryRefused } from '../git/repository.ts'
import { quickStatus } from '../git/status.ts'
import { isWorktree } from '../git/worktree.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import { answerInspect } from '../ide/inspect-query.ts'
import { listeningPorts } from '../ports/listening-ports.ts'
import { sessionMarker } from '../processes/process-environment.ts'
import type { RunnerContext } from '../runner-context.ts'
import type { SecretRequest } from './answer-secrets.ts'
import { openSource, sourceName } from '../sessions/repositories.ts'
import { sessionBases } from '../sessions/workspace-reactor.ts'
import { expandPath } from '../git/repository.ts'
import { statusOf } from './status-answer.ts'

const mostFiles = 2_000
const mostDiffBytes = 2 * 1024 * 1024
const mostCommits = 100

/** Answers a read. What cannot be answered says why, in an answer of its own form: a question never fails silently. */
export async function answerQuery(
  context: RunnerContext,
  request: Exclude<QueryRequest, SecretRequest>,
  workspace: WorkspaceState | undefined,
): Promise<AnyQueryAnswer> {
  try {
    switch (request.kind) {
      case 'repository.inspect':
        return await inspect(context, request.source)
      case 'repository.branches':
        return await branches(context, workspace)
      case 'git.status':
        return await statusOf(await worktreeOf(context, request.sessionId))
      case 'git.diff':
        return await diff(await worktreeOf(context, request.sessionId), request.against, request.path)
      case 'diff.files':
        return await context.diffs.files(await worktreeOf(context, request.sessionId), request)
      case 'diff.patches':
        return await context.diffs.patches(await worktreeOf(context, request.sessionId), request)
      case 'diff.lines':
        return await context.diffs.lines(await worktreeOf(context, request.sessionId), request)
      case 'diff.blame':
        return await context.diffs.blame(await worktreeOf(context, request.sessionId), request)
      case 'file.blame':
        return await context.diffs.fileBlame(await worktreeOf(context, request.sessionId), request)
      case 'picture.read':
        return await context.diffs.picture(await worktreeOf(context, request.sessionId), request)
      case 'forge.read':
        return await readPullRequest(await worktreeOf(context, request.sessionId), {
          ...context.env,
          ...context.secrets.environment(workspace?.workspaceId ?? ''),
        })
      case 'git.log':
        return await log(await worktreeOf(context, request.sessionId))
      case 'file.read':
        return await readText((await worktreeOf(context, request.sessionId)).path, request.path)
      case 'ide.inspect': {
        const worktree = await worktreeOf(context, request.sessionId)
        return await answerInspect(context, worktree, workspace?.workspaceId ?? '', request.zip)
      }
      case 'ports': {
        const ports = await listeningPorts([sessionMarker, request.sessionId])
        return { ok: true, ports: ports.slice(0, 200).map(({ port, process }) => ({ port, process })) }
      }
      case 'files':
        return await context.pickers.files.find((await worktreeOf(context, request.sessionId)).path, request.text)
      case 'tree':
        return await listFolder((await worktreeOf(context, request.sessionId)).path, request.path)
      case 'search':
        return await searchContent((await worktreeOf(context, request.sessionId)).path, request)
      case 'commands':
        return await commands(context, request.sessionId, request.provider)
      default:
        return unreachable(request)
    }
  } catch (error) {
    const code =
      error instanceof RepositoryRefused
        ? error.code
        : error instanceof Error
          ? (codes[error.name] ?? 'failed')
          : 'failed'
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) }
  }
}

const codes: Readonly<Record<string, string>> = {
  GitFailure: 'git_failed',
  NoPicture: 'no_picture',
  PathRefused: 'path_refused',
  NoWorktree: 'no_worktree',
  NothingToCompare: 'nothing_to_compare',
  ForgeRefused: 'forge_refused',
  GitUnusable: 'git_unusable',
  UploadRefused: 'upload_refused',
}

class NoWorktree extends Error {
  constructor() {
    super('The session has no worktree on this runner right now.')
    this.name = 'NoWorktree'
  }
}

async function worktreeOf(context: RunnerContext, sessionId: string): Promise<Worktree> {
  const worktree = await context.worktrees.find(sessionId)
  if (!worktree || !(await isWorktree(worktree))) throw new NoWorktree()
  return worktree
}

async function inspect(
  context: RunnerContext,
  source: Parameters<typeof openSource>[1],
): Promise<QueryAnswer<'repository.inspect'>> {
  const repository = await openSource(context, source)
  const found = await inspectRepository(repository, sourceName(source, context.dataFolder))
  const notes = found.note ? [found.note] : []
  if (repository.kind === 'primary') {
    const changed = await quickStatus(repository.home).then(
      ({ files }) => files.length,
      // A bare repository has no files to be changed.
      () => 0,
    )
    if (changed > 0)
      notes.push(
        `${changed} file(s) are changed there and not committed: sessions start from commits, so they will not have them.`,
      )
  }
  const where =
    source.kind === 'path'
      ? { kind: 'path' as const, path: found.note ? repository.home : expandPath(source.path) }
      : source
  return {
    ok: true,
    name: found.name,
    source: where,
    branches: sessionBases(found.branches),
    starterBranch: found.starterBranch,
    notes,
  }
}

async function branches(
  context: RunnerContext,
  workspace: WorkspaceState | undefined,
): Promise<QueryAnswer<'repository.branches'>> {
  if (!workspace) return { ok: false, code: 'not_found', message: 'There is no such workspace.' }
  const repository = await openSource(context, workspace.source)
  const found = await inspectRepository(repository, sourceName(workspace.source, context.dataFolder))
  return {
    ok: true,
    branches: sessionBases(found.branches),
    starterBranch: workspace.starterBranch || found.starterBranch,
  }
}

async function diff(
  worktree: Worktree,
  against: Parameters<typeof diffFiles>[1],
  only: string | undefined,
): Promise<QueryAnswer<'git.diff'>> {
  const wanted = only === undefined ? undefined : await checkWorktreePath(worktree.path, only)
  const changed = (await diffFiles(worktree, against)).filter((file) => wanted === undefined || file.path === wanted)
  let room = mostDiffBytes
  const files: Extract<QueryAnswer<'git.diff'>, { ok: true }>['files'] = []
  for (const file of changed.slice(0, mostFiles)) {
    const shown = file.binary || room <= 0 ? undefined : await diffFile(worktree, against, file.path)
    const patch = shown?.shown === 'text' ? shown.text : ''
    room -= patch.length
    const { path: name, from, status: how, additions, deletions } = file
    files.push({
      path: name,
      ...(from ? { from } : {}),
      status: how,
      additions,
      deletions,
      binary: file.binary ?? false,
      patch,
      tooLarge: shown?.shown === 'too_large' || (!shown && !file.binary),
    })
  }
  return { ok: true, files, truncated: changed.length > mostFiles || room <= 0 }
}

async function commands(context: RunnerContext, sessionId: string, provider: string): Promise<QueryAnswer<'commands'>> {
  const { path: worktree } = await worktreeOf(context, sessionId)
  const known = await providerById(provider, context.dataFolder)
  return { ok: true, commands: await context.pickers.commands(sessionId, known, { worktree, env: context.env }) }
}

async function log(worktree: Worktree): Promise<QueryAnswer<'git.log'>> {
  const out = await git(worktree.path, [
    'log',
    `--max-count=${mostCommits}`,
    '--format=%x1e%H%x1f%s%x1f%an%x1f%ct%x1f%b%x1f',
    '--shortstat',
    `${worktree.baseCommit}..HEAD`,
  ])
  const commits = out.split('\x1e').flatMap((record) => {
    const [id, subject = '', author = '', at, body = '', counted = ''] = record.split('\x1f')
    if (!id || !at) return []
    const count = (what: RegExp): number => Number(what.exec(counted)?.[1] ?? 0)
    const changed = {
      files: count(/(\d+) files? changed/),
      additions: count(/(\d+) insertion/),
      deletions: count(/(\d+) deletion/),
    }
    return [{ id, subject, body: body.trim(), author, at: Number(at) * 1000, ...changed }]
  })
  return { ok: true, commits }
}
