import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { idIn, LIMITS, type SessionState } from '@coppice/events'
import { checkpointRef } from '../checkpoints/checkpoint.ts'
import { git } from '../git/git.ts'
import { commitOf, type Repository } from '../git/repository.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'

/**
 * Sends the session's newest checkpoint to the server as a git bundle, so that another runner can go on from it, and tells
 * so. Builds on the branch point: whoever has the repository has that.
 */
export async function storeCheckpoint(
  context: RunnerContext,
  address: Address,
  { lastCheckpointId, lastCheckpointCommit, baseCommit }: SessionState,
  worktree: Worktree,
  cause: Cause,
): Promise<void> {
  const { home } = worktree.repository
  const ref = checkpointRef(worktree.sessionId, lastCheckpointId)
  const bytes = await inFolder(async (folder) => {
    const file = path.join(folder, 'checkpoint.bundle')
    await git(home, ['bundle', 'create', '--quiet', file, ref, `^${baseCommit}`])
    return readFile(file)
  })
  if (bytes.length > LIMITS.blobBytes) {
    context.say(
      `Session ${worktree.sessionId}: its checkpoint has ${bytes.length} bytes, more than the server takes. Another runner would go on from an earlier one.`,
    )
    return
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await context.storeBlob(idIn(address.log), sha256, bytes, 'application/x-git-bundle')
  const tree = (await git(home, ['rev-parse', `${lastCheckpointCommit}^{tree}`])).trim()
  const data = {
    checkpointId: lastCheckpointId,
    commit: lastCheckpointCommit,
    tree,
    base: baseCommit,
    bundle: { sha256, size: bytes.length },
  }
  await context.observe(address, 'checkpoint.stored', data, cause, `stored:${lastCheckpointId}`)
}

/** A checkpoint that is in the repository now. */
export type Found = { readonly commit: string; readonly tree: string; readonly head: string }

/**
 * The newest checkpoint of a session that can be had here: in the repository, where two runners share it, else from the
 * server. Undefined where there is none.
 */
export async function fetchCheckpoint(
  context: RunnerContext,
  address: Address,
  { sessionId, lastCheckpointCommit, stored }: SessionState,
  repository: Repository,
): Promise<Found | undefined> {
  const { home } = repository
  if (lastCheckpointCommit && (await commitOf(home, lastCheckpointCommit))) return found(home, lastCheckpointCommit)
  if (!stored) return undefined
  await bring(context, address, stored, repository, `:${checkpointRef(sessionId, stored.checkpointId)}`, sessionId)
  return found(home, stored.commit)
}

/**
 * The newest checkpoint that another runner's session has on the server, as objects of this repository that no ref holds: to
 * look at, not to keep. Undefined where there is none.
 */
export async function borrowCheckpoint(
  context: RunnerContext,
  address: Address,
  { sessionId, stored }: SessionState,
  repository: Repository,
): Promise<string | undefined> {
  if (!stored) return undefined
  await bring(context, address, stored, repository, '', sessionId)
  return stored.commit
}

/** @param into what the fetched ref is kept as: `:REF`, or nothing */
async function bring(
  context: RunnerContext,
  address: Address,
  stored: NonNullable<SessionState['stored']>,
  { home }: Repository,
  into: string,
  sessionId: string,
): Promise<void> {
  if (await commitOf(home, stored.commit)) return
  const { sha256 } = stored.bundle
  const answer = await context.fetchBlob(idIn(address.log), sha256, AbortSignal.timeout(60_000))
  if (!answer.ok) throw new Error(`The server answered ${answer.status} for the checkpoint ${sha256}.`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new Error(`The checkpoint ${sha256} did not arrive as it was sent.`)
  await inFolder(async (folder) => {
    const file = path.join(folder, 'checkpoint.bundle')
    await writeFile(file, bytes)
    const ref = checkpointRef(sessionId, stored.checkpointId)
    await git(home, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', file, `${ref}${into}`])
  })
}

async function found(home: string, commit: string): Promise<Found> {
  const [tree = '', head = ''] = (await git(home, ['rev-parse', `${commit}^{tree}`, `${commit}^1`])).trim().split('\n')
  return { commit, tree, head }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coppice-bundle-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
