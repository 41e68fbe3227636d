import { Hono, type Context } from 'hono'
import { idSchema } from '@coppice/events'
import type { Journal } from '@coppice/protocol'
import type { Directory } from '../access/directory.ts'
import { bodyBytes, refusal, someoneSignedIn, type AskingEnv } from '../http/asking.ts'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import type { Identify } from '../sign-in/identify.ts'
import type { Absent, ByteStreams, StreamHead } from './byte-streams.ts'
import { createAnswer } from './create-answer.ts'
import { absent } from './absent-answer.ts'
import { appendAnswer, type RunnerClaim } from './append-answer.ts'
import { formatOffset } from './offset.ts'
import type { OpenReads } from './open-reads.ts'
import type { Readable } from './readable.ts'
import { answerRead } from './read-answer.ts'
import { streamRight } from './stream-access.ts'
import type { Wakeups } from './wakeups.ts'

export interface StreamParts {
  readonly identify: Identify
  readonly directory: Directory
  readonly streams: ByteStreams
  readonly wakeups: Wakeups
  readonly reads: OpenReads
  /** The epoch of a runner's last connection, if it was here. */
  producerEpoch(runnerId: string): number | undefined
  readonly journal: Journal
}

/** `/streams/<workspace>/<name>`: the Durable Streams protocol over the workspace's byte streams. */
export function streamRoutes(parts: StreamParts): Hono<AskingEnv> {
  const { directory, streams } = parts
  const app = new Hono<AskingEnv>()
  // A page of another site may ask what it could send, and learns that it may send nothing from there.
  app.options('*', (c) => c.body(null, 204, { Allow: METHODS, 'Access-Control-Allow-Headers': HEADERS }))
  app.use('*', someoneSignedIn(parts.identify))

  const runnerOf = ({ kind, id }: Principal): RunnerClaim | undefined =>
    kind === 'runner' ? { id, epoch: parts.producerEpoch(id) } : undefined

  app.all('/:workspace/:name{.+}', async (c) => {
    const { workspace, name } = c.req.param()
    const path = `${workspace}/${name}`
    if (!NAME.test(path))
      return refusal(
        c,
        400,
        'invalid',
        'A stream is named by letters, digits, and . _ ~ - in parts with / between, 300 in all.',
      )
    if (name.startsWith('__ds/')) return refusal(c, 501, 'unsupported', 'This server has no stream subscriptions.')
    const right = streamRight(directory, c.var.principal, workspace, name)
    if (right === 'none') return absent(c, { absent: 'missing' })
    const { method } = c.req
    if (method === 'GET' || method === 'HEAD') return read(c, path, method === 'HEAD')
    if (right !== 'write')
      return refusal(c, 403, 'forbidden', 'This stream is written by the workspace’s runner. Nothing was changed.')
    if (method === 'DELETE') {
      const outcome = await streams.delete(path)
      return outcome === 'deleted' ? c.body(null, 204) : absent(c, { absent: outcome })
    }
    if (method !== 'PUT' && method !== 'POST')
      return refusal(c, 405, 'unsupported', `A stream does not know ${method}.`, { Allow: METHODS })
    const body = await bodyBytes(c.req.raw, LIMITS.streamAppendBytes)
    if (body === undefined)
      return refusal(
        c,
        413,
        'too_large',
        `A request to a stream has at most ${LIMITS.streamAppendBytes / 1024 / 1024} MiB. Send it in parts.`,
      )
    if (method === 'PUT') return createAnswer(c, streams, path, body)
    const answer = await appendAnswer(c, streams, path, body, runnerOf(c.var.principal))
    if (answer.ok) appended(c, path, answer)
    return answer
  })

  /** Whoever says which click an append goes back to finds it in the journal (OB-1). */
  const appended = (c: Context<AskingEnv>, stream: string, answer: Response): void => {
    const correlationId = idSchema.safeParse(c.req.header('correlation-id')).data
    if (correlationId === undefined) return
    const to = answer.headers.get('stream-next-offset') ?? ''
    const closed = answer.headers.has('stream-closed') && { outcome: 'closed' }
    parts.journal('info', { what: 'appended', correlationId, stream, to, by: c.var.principal.id, ...closed })
  }

  const read = async (c: Context<AskingEnv>, path: string, onlyHead: boolean): Promise<Response> => {
    const head = await streams.open(path, !onlyHead)
    if ('absent' in head) return absent(c, head)
    if (onlyHead) return c.body(null, 200, headHeaders(head))
    const { principal } = c.var
    const { workspace, name } = c.req.param() as { workspace: string; name: string }
    const mayRead = (): boolean => streamRight(directory, principal, workspace, name) !== 'none'
    return answerRead(c, readable(parts, path, head, mayRead), head, parts.reads, principal.id)
  }
  return app
}

const METHODS = 'GET, HEAD, PUT, POST, DELETE, OPTIONS'
const HEADERS =
  'authorization, content-type, if-none-match, stream-closed, stream-seq, stream-ttl, stream-expires-at, producer-id, producer-epoch, producer-seq, correlation-id'
const NAME = /^(?=.{3,300}$)[A-Za-z0-9_-]+(\/[A-Za-z0-9._~-]+)+$/

/** A byte stream as what answers reads. Each page looks at the stream anew: it may be closed, gone, or no longer ours to read. */
function readable(parts: StreamParts, path: string, opened: StreamHead, mayRead: () => boolean): Readable {
  let head: StreamHead | Absent | undefined = opened
  return {
    id: String(opened.no),
    contentType: opened.contentType,
    listen: (signal) => parts.wakeups.listen(path, signal),
    async page(from) {
      const now = head ?? (await parts.streams.open(path, false))
      head = undefined
      if ('absent' in now || now.no !== opened.no || parts.wakeups.closed || !mayRead()) return undefined
      const { tail, closed } = now
      if (from >= tail) return { bytes: new Uint8Array(), next: from, tail, closed }
      const { bytes, next } = await parts.streams.read(now.no, from)
      // More may have come since the look at the head: it is then not the end.
      const last = next > tail ? { tail: next, closed: false } : { tail, closed }
      return mayRead() ? { bytes, next, ...last } : undefined
    },
  }
}

function headHeaders(head: StreamHead): Record<string, string> {
  return {
    'Content-Type': head.contentType,
    'Stream-Next-Offset': formatOffset(head.tail),
    'Cache-Control': 'no-store',
    ...(head.ttl !== undefined && { 'Stream-TTL': String(head.ttl) }),
    ...(head.expiresText !== undefined && { 'Stream-Expires-At': head.expiresText }),
    ...(head.closed && { 'Stream-Closed': 'true' }),
  }
}
