import type { Context } from 'hono'
import { refusal } from '../http/asking.ts'
import type { ByteStreams, Creation } from './byte-streams.ts'
import { forkOf, type Fork } from './fork.ts'
import { isJson, toLines } from './json-messages.ts'
import { formatOffset } from './offset.ts'
import { closes, lifeOf, mediaType } from './stream-headers.ts'

/** Answers PUT: makes the stream, or says that it is there already as asked (section 5.1 of the protocol). */
export async function createAnswer(
  c: Context,
  streams: ByteStreams,
  path: string,
  body: Uint8Array,
): Promise<Response> {
  const header = (name: string): string | undefined => c.req.header(name)
  const life = lifeOf(header)
  if (!life.ok) return refusal(c, 400, 'invalid', life.problem)
  const type = header('content-type')
  if (type !== undefined && mediaType(type) === undefined)
    return refusal(c, 400, 'invalid', 'Content-Type is no media type.')
  const workspace = path.slice(0, path.indexOf('/'))
  const fork = await forkOf(header, streams, workspace, type)
  if (fork !== undefined && 'problem' in fork) return refusal(c, fork.status, fork.code, fork.problem)
  const contentType = type ?? fork?.source.contentType ?? 'application/octet-stream'
  const lines = isJson(contentType) && body.length > 0 ? toLines(Buffer.from(body).toString()) : ''
  if (lines === undefined) return refusal(c, 400, 'invalid', 'The body is not JSON, so no stream was made.')
  const creation: Creation = {
    contentType,
    ...inherit(life.value, fork),
    closed: closes(header),
    bytes: isJson(contentType) ? Buffer.from(lines) : body,
    fork,
  }
  const made = await streams.create(path, creation)
  switch (made.outcome) {
    case 'created':
    case 'same':
      return c.body(null, made.outcome === 'created' ? 201 : 200, {
        'Content-Type': made.contentType,
        'Stream-Next-Offset': formatOffset(made.tail),
        ...(made.closed && { 'Stream-Closed': 'true' }),
        ...(made.outcome === 'created' && { Location: c.req.url }),
      })
    case 'different':
      return refusal(
        c,
        409,
        'conflict',
        'There is such a stream with another type, life, source or end. It was not changed.',
      )
    case 'held':
      return refusal(
        c,
        409,
        'conflict',
        'A stream of that name was deleted, and others were forked from it: take another name.',
      )
    case 'source_held':
      return refusal(c, 409, 'conflict', 'The stream to fork from was deleted.')
    case 'source_missing':
      return refusal(c, 404, 'not_found', 'There is no stream to fork from.')
  }
}

/** A fork that is told no life of its own has its source's (the table in section 4.2). */
function inherit(life: Pick<Creation, 'ttl' | 'expires'>, fork: Fork | undefined): Pick<Creation, 'ttl' | 'expires'> {
  if (fork === undefined || life.ttl !== undefined || life.expires !== undefined) return life
  const { ttl, expiresAt: at, expiresText: text } = fork.source
  return { ttl, expires: at !== undefined && text !== undefined ? { at, text } : undefined }
}
