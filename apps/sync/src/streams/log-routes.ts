import { logIdSchema, streamIdSchema, type LogId, type StreamId } from '@coppice/events'
import { Hono } from 'hono'
import type { Directory } from '../access/directory.ts'
import { refusal, someoneSignedIn, type AskingEnv } from '../http/asking.ts'
import { LIMITS } from '../limits.ts'
import type { Logs } from '../log/logs.ts'
import type { Principal } from '../principal.ts'
import type { Identify } from '../sign-in/identify.ts'
import type { Store } from '../store/store-calls.ts'
import { formatOffset } from './offset.ts'
import type { OpenReads } from './open-reads.ts'
import type { Readable } from './readable.ts'
import { answerRead } from './read-answer.ts'
import type { Wakeups } from './wakeups.ts'

interface LogParts {
  readonly identify: Identify
  readonly directory: Directory
  readonly store: Pick<Store, 'readLog' | 'readStream'>
  readonly logs: Logs
  readonly wakeups: Wakeups
  readonly reads: OpenReads
}

/**
 * `/logs/<log>`: a log's events, read and tailed as a JSON stream whose offsets are positions. With `?stream=session/<id>`
 * only the events of that stream, and offsets are versions of it. Written elsewhere, by commands.
 */
export function logRoutes(parts: LogParts): Hono<AskingEnv> {
  const app = new Hono<AskingEnv>()
  app.use('*', someoneSignedIn(parts.identify))
  app.all('/:log', async (c) => {
    const parsed = logIdSchema.safeParse(c.req.param('log'))
    const { principal } = c.var
    const { directory, logs } = parts
    if (!parsed.success || !directory.mayRead(principal, parsed.data) || !logs.has(parsed.data))
      return refusal(c, 404, 'not_found', 'There is no such log.')
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
      return refusal(c, 405, 'unsupported', 'A log is read here; it is written by commands.', { Allow: 'GET, HEAD' })
    const log = parsed.data
    const writer = await logs.open(log)
    const { no, epoch } = writer
    const asked = c.req.query('stream')
    const only = asked === undefined ? undefined : streamIdSchema.safeParse(asked)
    if (only?.success === false)
      return refusal(c, 400, 'invalid', 'stream names one stream of the log, like session/<id>.')
    const head = only ? ((await writer.stateOf(only.data))?.version ?? 0) : writer.head
    if (c.req.method === 'HEAD')
      return c.body(null, 200, {
        'Content-Type': 'application/json',
        'Stream-Next-Offset': formatOffset(head),
        'Cache-Control': 'no-store',
      })
    const stream = readableLog(parts, { log, no, epoch, only: only?.data }, principal)
    return answerRead(c, stream, { tail: head, closed: false }, parts.reads, principal.id)
  })
  return app
}

function readableLog(
  { store, directory, wakeups }: LogParts,
  { log, no, epoch, only }: { log: LogId; no: number; epoch: string; only: StreamId | undefined },
  principal: Principal,
): Readable {
  return {
    id: `${no}-${epoch}${only ? `-${only}` : ''}`,
    contentType: 'application/json',
    listen: (signal) => wakeups.listen(log, signal),
    async page(from) {
      if (wakeups.closed) return undefined
      const { bodies, head } = only
        ? { bodies: await store.readStream(no, only, { after: from, limit: LIMITS.catchUpEvents }), head: 0 }
        : await store.readLog(no, from, LIMITS.catchUpEvents)
      if (!directory.mayRead(principal, log)) return undefined
      const bytes = Buffer.from(bodies.map((body) => `${body}\n`).join(''))
      const next = from + bodies.length
      return { bytes, next, tail: Math.max(head, next), closed: false }
    },
  }
}
