import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { LIMITS, type Attachment } from '@coppice/events'
import { AgentFailure } from '../agents/failure.ts'

/** A file of a message as it lies on this machine. */
export type AttachedFile = Attachment & { readonly path: string }

/** Gives the bytes of a blob of a workspace, as the server has them. Rejects where the server cannot be reached. */
export type FetchBlob = (workspaceId: string, sha256: string, signal: AbortSignal) => Promise<Response>

const tries = 5
const firstPauseMs = 300

/** Where the files of a session's messages lie: beside its worktree, where git does not see them. */
export const attachedFolder = (dataFolder: string, sessionId: string): string =>
  path.join(dataFolder, 'attached', sessionId)

/**
 * Fetches the files of a message, each checked against its SHA-256. Those that are there already are not fetched again.
 * `otherwise` says what became of the rest where one cannot be had.
 * @throws {AgentFailure} saying which file could not be had, and why.
 */
export async function fetchAttached(
  files: readonly Attachment[],
  of: {
    readonly folder: string
    readonly workspaceId: string
    readonly fetchBlob: FetchBlob
    readonly signal: AbortSignal
  },
  otherwise = 'The agent was not asked; send the message again.',
): Promise<readonly AttachedFile[]> {
  const there: AttachedFile[] = []
  for (const file of files) {
    const target = path.join(of.folder, file.sha256.slice(0, 12), safeName(file.name))
    if (!(await isWhole(target, file.sha256))) await fetchOne(file, target, of, otherwise)
    there.push({ ...file, path: target })
  }
  return there
}

async function fetchOne(
  { sha256, name }: Attachment,
  target: string,
  of: { readonly workspaceId: string; readonly fetchBlob: FetchBlob; readonly signal: AbortSignal },
  otherwise: string,
): Promise<void> {
  let why = 'it was stopped'
  for (let n = 0; n < tries && !of.signal.aborted; n += 1) {
    // The pause only fails by being stopped, which the loop looks at.
    if (n > 0) await pause(firstPauseMs * 2 ** n, undefined, { signal: of.signal }).catch(() => undefined)
    try {
      const answer = await of.fetchBlob(of.workspaceId, sha256, of.signal)
      const found = answer.ok ? await take(answer, target, sha256) : ''
      if (found === sha256) return
      why = answer.ok
        ? `its bytes have the SHA-256 ${found}, not the one in the message`
        : `the server answered ${answer.status}`
      // Another try changes nothing about these; a server that is busy or down may be back.
      if (answer.status < 500) break
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
  }
  throw new AgentFailure('refused', `The file “${name}” could not be fetched: ${why}. ${otherwise}`)
}

/** Writes what comes, and puts it into its place if it is what it should be. Gives its SHA-256. */
async function take(answer: Response, target: string, sha256: string): Promise<string> {
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
  const half = `${target}.part`
  const hash = createHash('sha256')
  const handle = await open(half, 'w', 0o600)
  try {
    let size = 0
    for await (const part of answer.body ?? []) {
      size += part.length
      if (size > LIMITS.blobBytes) throw new Error(`it is larger than ${LIMITS.blobBytes / 1024 / 1024} MiB`)
      hash.update(part)
      await handle.writeFile(part)
    }
  } finally {
    await handle.close()
  }
  const found = hash.digest('hex')
  if (found === sha256) await rename(half, target)
  else await rm(half, { force: true })
  return found
}

async function isWhole(file: string, sha256: string): Promise<boolean> {
  try {
    return (
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex') === sha256
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** A name that is one file in one folder on any system, whatever somebody called it. */
export function safeName(name: string): string {
  const kept = name
    .toWellFormed()
    .replace(/[\p{Cc}/\\:*?"<>|`]/gu, '_')
    .replace(/^\.+/, '_')
  const dot = kept.lastIndexOf('.')
  const ending = dot > 0 && kept.length - dot <= 12 ? kept.slice(dot) : ''
  return (kept.slice(0, kept.length - ending.length).slice(0, 60) + ending).trim() || 'file'
}
