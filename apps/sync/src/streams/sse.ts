import { LIMITS } from '../limits.ts'
import { nextCursor } from './cursor.ts'
import { isJson, toArray } from './json-messages.ts'
import { formatOffset } from './offset.ts'
import type { Page, Readable } from './readable.ts'
import { pageWithNews } from './wait-for-news.ts'

/** Whether events carry the stream's text as it is; all else goes as base64. */
export const isText = (contentType: string): boolean => isJson(contentType) || /^text\//i.test(contentType)

/** A stream as server-sent events, from an offset on, until it is closed, is gone, or `LIMITS.streamEventsMs` are over. */
export function eventStream(stream: Readable, from: number, cursor: string | undefined): ReadableStream<Uint8Array> {
  const ended = new AbortController()
  const until = performance.now() + LIMITS.streamEventsMs
  let at = from
  let caughtUp = false
  let sent = cursor
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const wait = caughtUp ? until - performance.now() : 0
        const page = await pageWithNews(stream, at, wait, ended.signal)
        if (page === undefined || ended.signal.aborted) return controller.close()
        const { payload, next } = wholeCharacters(stream.contentType, page)
        const atTail = next >= page.tail
        const over = performance.now() >= until
        if (next > at || !caughtUp) {
          sent = nextCursor(sent)
          const data = next > at ? dataEvent(stream.contentType, payload) : ''
          controller.enqueue(Buffer.from(data + controlEvent(next, atTail, page.closed && atTail, sent)))
        } else if (page.closed) controller.enqueue(Buffer.from(controlEvent(next, true, true, sent ?? '')))
        // What is left is half a character: it comes with its other half.
        caughtUp = atTail || next === at
        at = next
        if ((page.closed && atTail) || over) controller.close()
      },
      cancel() {
        ended.abort()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Text is cut between characters only; at a closed end there is nothing to wait for. */
function wholeCharacters(contentType: string, page: Page): { payload: Uint8Array; next: number } {
  const { bytes, next, tail, closed } = page
  if (!isText(contentType) || (closed && next === tail)) return { payload: bytes, next }
  // The last character begins at the last byte that is no continuation; it is whole if its length fits.
  let begin = bytes.length - 1
  while (begin >= 0 && bytes.length - begin < 4 && ((bytes[begin] ?? 0) & 0xc0) === 0x80) begin -= 1
  const lead = bytes[begin] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  const missing = begin >= 0 && bytes.length - begin < length
  return missing ? { payload: bytes.subarray(0, begin), next: next - (bytes.length - begin) } : { payload: bytes, next }
}

function dataEvent(contentType: string, bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = isJson(contentType)
    ? Buffer.from(toArray(bytes)).toString()
    : buffer.toString(isText(contentType) ? 'utf8' : 'base64')
  // Every kind of line end would end the field: each line gets a field of its own.
  // A space that follows the colon is taken away by who reads, so a line that begins with one needs another.
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data:${line.startsWith(' ') ? ' ' : ''}${line}\n`)
  return `event: data\n${lines.join('')}\n`
}

function controlEvent(next: number, upToDate: boolean, closed: boolean, cursor: string): string {
  const control = {
    streamNextOffset: formatOffset(next),
    ...(!closed && { streamCursor: cursor }),
    ...(upToDate && { upToDate }),
    ...(closed && { streamClosed: closed }),
  }
  return `event: control\ndata:${JSON.stringify(control)}\n\n`
}
