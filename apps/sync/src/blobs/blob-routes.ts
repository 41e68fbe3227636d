import { Readable } from 'node:stream'
import { atLeast, shownImageTypes, workspaceLog } from '@coppice/events'
import { Hono, type Context } from 'hono'
import type { Directory } from '../access/directory.ts'
import { refusal, someoneSignedIn, type AskingEnv } from '../http/asking.ts'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import type { Identify } from '../sign-in/identify.ts'
import type { Blob, Blobs } from './blobs.ts'
import { byteRange } from './byte-range.ts'

/** What a browser may show by itself. Everything else is offered for download, under whatever name. */
const SHOWN = new Set(shownImageTypes)
const SHA256 = /^[0-9a-f]{64}$/
const METHODS = 'GET, HEAD, PUT'

interface BlobParts {
  readonly identify: Identify
  readonly directory: Directory
  readonly blobs: Blobs
}

/** `/blobs/<workspace>/<sha256>`: bytes that events point to. Members of the workspace and its runner send, all in it read. */
export function blobRoutes({ identify, directory, blobs }: BlobParts): Hono<AskingEnv> {
  const app = new Hono<AskingEnv>()
  app.use('*', someoneSignedIn(identify))

  /** Lists what no event points to, and removes it unless `?dry-run` is there. For admins of the workspace. */
  app.post('/:workspace/collect', async (c) => {
    const { workspace } = c.req.param()
    if (rightTo(directory, c.var.principal, workspace) === 'none') return notThere(c)
    const role = directory.roleIn(c.var.principal, workspaceLog(workspace))
    if (role === undefined || !atLeast(role, 'admin'))
      return refusal(c, 403, 'forbidden', 'Only an admin of the workspace collects blobs. Nothing was removed.')
    const dryRun = c.req.query('dry-run') !== undefined
    return c.json({ ok: true, data: await blobs.collect(workspace, Date.now() - LIMITS.blobGraceMs, dryRun) })
  })

  app.all('/:workspace/:sha256', async (c) => {
    const { workspace, sha256 } = c.req.param()
    const right = rightTo(directory, c.var.principal, workspace)
    if (right === 'none') return notThere(c)
    if (!SHA256.test(sha256))
      return refusal(c, 400, 'invalid', 'A blob is named by its SHA-256: 64 digits in lowercase hexadecimal.')
    const { method } = c.req
    if (method === 'GET' || method === 'HEAD') return give(c, workspace, sha256)
    if (method !== 'PUT') return refusal(c, 405, 'unsupported', `A blob does not know ${method}.`, { Allow: METHODS })
    if (right === 'read')
      return refusal(c, 403, 'forbidden', 'You may look on here, not write. The blob was not taken.')
    return take(c, workspace, sha256)
  })

  const give = async (c: Context, workspace: string, sha256: string): Promise<Response> => {
    const blob = await blobs.find(workspace, sha256)
    if (blob === undefined) return notThere(c)
    const headers = headersOf(blob, c.req.query('name'))
    if (c.req.header('if-none-match')?.includes(`"${sha256}"`)) return c.body(null, 304, headers)
    if (c.req.method === 'HEAD') return c.body(null, 200, { ...headers, 'Content-Length': String(blob.size) })
    const range = byteRange(c.req.header('range'), blob.size)
    if (range === 'unsatisfiable')
      return refusal(c, 416, 'invalid', `The blob has ${blob.size} bytes.`, { 'Content-Range': `bytes */${blob.size}` })
    const { start, end } = range ?? { start: 0, end: blob.size - 1 }
    if (blob.size === 0) return c.body(null, 200, { ...headers, 'Content-Length': '0' })
    const bytes = await blobs.read(workspace, blob, { start, end })
    if (bytes === undefined) throw new Error(`the file of blob ${sha256} of workspace ${workspace} is gone`)
    return c.body(Readable.toWeb(bytes) as ReadableStream<Uint8Array>, range === undefined ? 200 : 206, {
      ...headers,
      'Content-Length': String(end - start + 1),
      ...(range !== undefined && { 'Content-Range': `bytes ${start}-${end}/${blob.size}` }),
    })
  }

  const take = async (c: Context, workspace: string, sha256: string): Promise<Response> => {
    const type = c.req.header('content-type') ?? 'application/octet-stream'
    if (type.length > 200) return refusal(c, 400, 'invalid', 'Content-Type is no media type.')
    if (Number(c.req.header('content-length') ?? 0) > LIMITS.blobBytes) return tooLarge(c)
    const body = c.req.raw.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })
    const done = await blobs.put(workspace, { sha256, type, now: Date.now() }, body)
    switch (done.kind) {
      case 'kept':
        return c.json({ ok: true, data: { sha256, size: done.size, type } }, 201)
      case 'there':
        return c.json({ ok: true, data: { sha256 } })
      case 'tooLarge':
        return tooLarge(c)
      case 'noRoom':
        return refusal(
          c,
          413,
          'too_large',
          `The workspace’s blobs take their ${LIMITS.workspaceBlobBytes / GIB} GiB. The blob was not kept; an admin can collect those that nothing points to.`,
        )
      case 'otherBytes':
        return refusal(c, 422, 'invalid', `These bytes have the SHA-256 ${done.sha256}. They were not kept.`)
    }
  }
  return app
}

const GIB = 1024 * 1024 * 1024

const notThere = (c: Context): Response => refusal(c, 404, 'not_found', 'There is no such blob.')

const tooLarge = (c: Context): Response =>
  refusal(c, 413, 'too_large', `A blob has at most ${LIMITS.blobBytes / 1024 / 1024} MiB. It was not kept.`)

function rightTo(directory: Directory, principal: Principal, workspaceId: string): 'none' | 'read' | 'write' {
  const log = workspaceLog(workspaceId)
  if (!directory.isWorkspace(log) || !directory.mayRead(principal, log)) return 'none'
  const role = directory.roleIn(principal, log)
  return principal.kind === 'runner' || (role !== undefined && atLeast(role, 'member')) ? 'write' : 'read'
}

function headersOf({ sha256, type }: Blob, name: string | undefined): Record<string, string> {
  const shown = SHOWN.has(type.toLowerCase())
  const named = name === undefined ? '' : `; filename*=UTF-8''${encodeName(name.slice(0, 200))}`
  return {
    'Content-Type': type,
    'Content-Disposition': (shown ? 'inline' : 'attachment') + named,
    // The name is the content: it never changes. But it is for those who may read it.
    'Cache-Control': 'private, max-age=31536000, immutable',
    ETag: `"${sha256}"`,
    'Accept-Ranges': 'bytes',
  }
}

/** RFC 8187: percent signs for all but letters, digits and a few marks. */
const encodeName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
