import type { ByteStreams, StreamHead } from './byte-streams.ts'
import { endOfMessage, isJson } from './json-messages.ts'
import { parseOffset } from './offset.ts'
import { wholeNumber } from './stream-headers.ts'

/** Where a new stream begins as another one's copy. */
export interface Fork {
  readonly path: string
  readonly source: StreamHead
  readonly at: number
  readonly given: boolean
}

interface Problem {
  readonly status: 400 | 404 | 409
  readonly code: string
  readonly problem: string
}

const wrong = (problem: string): Problem => ({ status: 400, code: 'invalid', problem })

/** Reads the fork headers (section 4.2 of the protocol): nothing if there are none. A source is of the same workspace. */
export async function forkOf(
  header: (name: string) => string | undefined,
  streams: ByteStreams,
  workspaceId: string,
  contentType: string | undefined,
): Promise<Fork | Problem | undefined> {
  const from = header('stream-forked-from')
  const [offsetText, subText] = [header('stream-fork-offset'), header('stream-fork-sub-offset')]
  if (from === undefined)
    return offsetText === undefined && subText === undefined
      ? undefined
      : wrong('Stream-Fork-Offset and Stream-Fork-Sub-Offset need Stream-Forked-From.')
  const sub = subText === undefined ? 0 : wholeNumber(subText)
  const offset = offsetText === undefined ? undefined : parseOffset(offsetText)
  if (sub === undefined) return wrong('Stream-Fork-Sub-Offset is a whole number.')
  if (offsetText !== undefined && typeof offset !== 'number') return wrong('Stream-Fork-Offset is no offset of ours.')
  const path = /^\/streams\/(.+)$/.exec(from)?.[1]
  // Another workspace's stream is not there, for whoever asks.
  if (path === undefined || !path.startsWith(`${workspaceId}/`))
    return { status: 404, code: 'not_found', problem: 'There is no stream to fork from in this workspace.' }
  const source = await streams.open(path, false)
  if ('absent' in source)
    return source.absent === 'held'
      ? { status: 409, code: 'conflict', problem: 'The stream to fork from was deleted.' }
      : { status: 404, code: 'not_found', problem: 'There is no stream to fork from.' }
  if (contentType !== undefined && essence(contentType) !== essence(source.contentType))
    return { status: 409, code: 'conflict', problem: `A fork has its source’s type, which is ${source.contentType}.` }
  const anchor = typeof offset === 'number' ? offset : source.tail
  if (anchor > source.tail) return wrong('Stream-Fork-Offset is past the end of the source.')
  const at = sub === 0 ? anchor : await subOffset(streams, source, anchor, sub)
  if (at === undefined) return wrong('Stream-Fork-Sub-Offset is past what was appended there.')
  return { path, source, at, given: offset !== undefined || sub > 0 }
}

/** Messages or bytes into the append that begins at the anchor. */
async function subOffset(streams: ByteStreams, source: StreamHead, anchor: number, sub: number) {
  const rest = await streams.restOfAppend(source.no, anchor)
  const into = isJson(source.contentType) ? endOfMessage(rest, sub) : sub <= rest.length ? sub : undefined
  return into === undefined ? undefined : anchor + into
}

const essence = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase()
