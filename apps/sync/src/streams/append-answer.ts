import type { Context } from 'hono'
import { refusal } from '../http/asking.ts'
import { LIMITS } from '../limits.ts'
import { absent } from './absent-answer.ts'
import type { Appended, ByteStreams, ProducerClaim } from './byte-streams.ts'
import { isJson, toLines } from './json-messages.ts'
import { formatOffset } from './offset.ts'
import { closes, mediaType, producerOf } from './stream-headers.ts'

/** A runner that appends, and the epoch of its last connection: what an earlier one still sends is refused (BE-3). */
export interface RunnerClaim {
  readonly id: string
  readonly epoch: number | undefined
}

/** Answers POST: appends, closes, or both in one (sections 5.2 and 5.3 of the protocol). */
export async function appendAnswer(
  c: Context,
  streams: ByteStreams,
  path: string,
  body: Uint8Array,
  runner: RunnerClaim | undefined,
): Promise<Response> {
  const header = (name: string): string | undefined => c.req.header(name)
  const producer = producerOf(header)
  if (!producer.ok) return refusal(c, 400, 'invalid', producer.problem)
  if (runner !== undefined && producer.value?.id !== runner.id)
    return refusal(c, 400, 'invalid', 'A runner appends as the producer that it is: send Producer-Id, -Epoch and -Seq.')
  if (runner?.epoch !== undefined && (producer.value?.epoch ?? 0) < runner.epoch) return fenced(c, runner.epoch)
  const close = closes(header)
  const empty = body.length === 0
  if (empty && !close) return refusal(c, 400, 'invalid', 'There is nothing to append: the body is empty.')
  const contentType = mediaType(header('content-type'))
  if (!empty && contentType === undefined)
    return refusal(c, 400, 'invalid', 'Say with Content-Type what you append; it must be the stream’s own type.')
  const lines = contentType !== undefined && isJson(contentType) && !empty ? toLines(Buffer.from(body).toString()) : ''
  if (lines === undefined) return refusal(c, 400, 'invalid', 'The body is not JSON; nothing was appended.')
  const json = contentType !== undefined && isJson(contentType) && !empty
  if (json && lines === '') return refusal(c, 400, 'invalid', 'An empty batch holds nothing to append.')
  const appended = await streams.append(path, {
    contentType: empty ? undefined : contentType,
    bytes: json ? Buffer.from(lines) : body,
    seq: header('stream-seq'),
    producer: producer.value,
    close,
  })
  return answer(c, appended, producer.value, empty)
}

const fenced = (c: Context, epoch: number | undefined): Response =>
  refusal(c, 403, 'fenced', 'A later process of this producer has taken over. Nothing was appended.', {
    'Producer-Epoch': String(epoch),
  })

function answer(c: Context, done: Appended, producer: ProducerClaim | undefined, empty: boolean): Response {
  const state = {
    'Stream-Next-Offset': formatOffset(done.tail),
    ...(done.closed && { 'Stream-Closed': 'true' }),
  }
  switch (done.outcome) {
    case 'appended':
    case 'repeated': {
      const known =
        producer === undefined
          ? {}
          : { 'Producer-Epoch': String(done.epoch ?? producer.epoch), 'Producer-Seq': String(done.seq ?? producer.seq) }
      // To a producer, 200 is new data; 204 is nothing new.
      const isNew = producer !== undefined && done.outcome === 'appended' && !empty
      return c.body(null, isNew ? 200 : 204, { ...state, ...known })
    }
    case 'missing':
    case 'held':
      return absent(c, { absent: done.outcome, ...(done.gone && { gone: done.gone }) })
    case 'fenced':
      return fenced(c, done.epoch)
    case 'closed':
      return refusal(c, 409, 'closed', 'The stream is closed. Nothing was appended.', state)
    case 'type':
      return refusal(c, 409, 'conflict', 'The stream has another type. Nothing was appended.')
    case 'not_from_zero':
      return refusal(c, 400, 'invalid', 'A new epoch begins with Producer-Seq 0. Nothing was appended.')
    case 'gap': {
      const expected = producer?.epoch === done.epoch ? (done.seq ?? -1) + 1 : 0
      return refusal(c, 409, 'gap', `Producer-Seq ${expected} comes next. Nothing was appended.`, {
        'Producer-Expected-Seq': String(expected),
        'Producer-Received-Seq': String(producer?.seq),
      })
    }
    case 'sequence':
      return refusal(c, 409, 'conflict', 'Stream-Seq must be past the last one. Nothing was appended.')
    case 'full':
      return refusal(
        c,
        413,
        'too_large',
        `A stream holds at most ${LIMITS.streamBytes / 1024 / 1024} MiB. Begin another.`,
        state,
      )
  }
}
