import type { Context } from 'hono'
import { refusal } from '../http/asking.ts'
import { LIMITS } from '../limits.ts'
import { nextCursor } from './cursor.ts'
import { isJson, toArray } from './json-messages.ts'
import { formatOffset, parseOffset } from './offset.ts'
import type { Page, Readable } from './readable.ts'
import { eventStream, isText } from './sse.ts'
import type { OpenReads } from './open-reads.ts'
import { pageWithNews } from './wait-for-news.ts'

/** Answers GET on a stream or log: what is there, or what comes, by long poll or as events (sections 5.6 to 5.8). */
export async function answerRead(
  c: Context,
  stream: Readable,
  state: { tail: number; closed: boolean },
  reads: OpenReads,
  reader: string,
): Promise<Response> {
  const offsets = c.req.queries('offset') ?? []
  const live = c.req.query('live')
  if (offsets.length > 1) return refusal(c, 400, 'invalid', 'Name one offset.')
  const start = parseOffset(offsets[0])
  if (start === undefined)
    return refusal(
      c,
      400,
      'invalid',
      'This is no offset of ours: send -1, now, or a Stream-Next-Offset you were given.',
    )
  if (live !== undefined && live !== 'long-poll' && live !== 'sse')
    return refusal(c, 400, 'invalid', 'live is long-poll or sse.')
  if (live !== undefined && offsets.length === 0)
    return refusal(
      c,
      400,
      'invalid',
      'A live read begins at an offset: add offset=-1, offset=now, or one you were given.',
    )
  const from = start === 'now' ? state.tail : start
  if (from > state.tail)
    return refusal(c, 400, 'invalid', `The offset is past the end, which is ${formatOffset(state.tail)}.`)
  if (live === undefined) return catchUp(c, stream, from, start === 'now')
  const leave = reads.enter(reader)
  if (leave === undefined)
    return refusal(c, 429, 'rate_limited', `You have ${LIMITS.streamReads} live reads open. Close one.`, {
      'Retry-After': '5',
    })
  return live === 'sse' ? events(c, stream, from, leave) : longPoll(c, stream, from, start === 'now', leave)
}

async function catchUp(c: Context, stream: Readable, from: number, onlyWhere: boolean): Promise<Response> {
  const page = await stream.page(from)
  if (page === undefined) return gone(c)
  if (onlyWhere) {
    const where = { ...page, bytes: new Uint8Array(), next: page.tail }
    return c.body(bodyOf(stream, where), 200, { ...headersOf(stream, where), 'Cache-Control': 'no-store' })
  }
  const etag = `"${stream.id}:${from}:${page.next}${page.closed && page.next >= page.tail ? ':c' : ''}"`
  // Kept by the browser, asked for again each time: who may read can change.
  const headers = { ...headersOf(stream, page), ETag: etag, 'Cache-Control': 'private, no-cache' }
  if (
    c.req
      .header('if-none-match')
      ?.split(/\s*,\s*/)
      .includes(etag)
  )
    return c.body(null, 304, headers)
  return c.body(bodyOf(stream, page), 200, headers)
}

async function longPoll(
  c: Context,
  stream: Readable,
  from: number,
  fromNow: boolean,
  leave: () => void,
): Promise<Response> {
  try {
    const page = await pageWithNews(stream, from, LIMITS.streamPollMs, c.req.raw.signal)
    if (page === undefined) return gone(c)
    const atEnd = page.closed && page.next >= page.tail
    const headers = {
      ...headersOf(stream, page),
      ...(!(atEnd && page.bytes.length === 0) && { 'Stream-Cursor': nextCursor(c.req.query('cursor')) }),
      'Cache-Control': 'no-store',
    }
    if (page.bytes.length === 0) return c.body(null, 204, headers)
    const etag = `"${stream.id}:${from}:${page.next}${atEnd ? ':c' : ''}"`
    return c.body(bodyOf(stream, page), 200, fromNow ? headers : { ...headers, ETag: etag })
  } finally {
    leave()
  }
}

function events(c: Context, stream: Readable, from: number, leave: () => void): Response {
  const body = eventStream(stream, from, c.req.query('cursor'))
  // Wrapped to learn of its end, however it comes.
  const reader = body.getReader()
  const watched = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
        } catch (error) {
          leave()
          throw error
        }
        leave()
        controller.close()
      },
      async cancel(reason) {
        leave()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return c.body(watched, 200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    'X-Accel-Buffering': 'no',
    ...(!isText(stream.contentType) && { 'Stream-SSE-Data-Encoding': 'base64' }),
  })
}

const gone = (c: Context): Response => refusal(c, 404, 'not_found', 'This stream is gone.')

function headersOf(stream: Readable, { next, tail, closed }: Page): Record<string, string> {
  return {
    'Content-Type': stream.contentType,
    'Stream-Next-Offset': formatOffset(next),
    ...(next >= tail && { 'Stream-Up-To-Date': 'true' }),
    ...(closed && next >= tail && { 'Stream-Closed': 'true' }),
  }
}

function bodyOf(stream: Readable, { bytes }: Page): Uint8Array<ArrayBuffer> {
  return new Uint8Array(isJson(stream.contentType) ? toArray(bytes) : bytes)
}
