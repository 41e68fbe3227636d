import { parseEvent, recordedEventSchema, type RecordedEvent } from '@coppice/events'
import { z } from 'zod'
import type { Address } from '../runner-context.ts'

/** All events of a session, oldest first, as the server has them. @throws when the server cannot be asked. */
export type ReadSession = (address: Address) => Promise<readonly RecordedEvent[]>

const pageSchema = z.array(recordedEventSchema)

/** Reads a session's events over HTTP, page by page. */
export async function readSession(
  { log, stream }: Address,
  of: { server: string; token: () => string; signal?: AbortSignal },
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for (let offset = '-1'; ;) {
    const url = new URL(`/logs/${log}`, of.server)
    url.searchParams.set('stream', stream)
    url.searchParams.set('offset', offset)
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${of.token()}` },
      signal: of.signal ?? AbortSignal.timeout(30_000),
    })
    if (!answer.ok) throw new Error(`The server answered with status ${answer.status}.`)
    const page = pageSchema.parse(await answer.json())
    for (const event of page) events.push(parseEvent(event))
    const next = answer.headers.get('stream-next-offset')
    if (page.length === 0 || next === null || answer.headers.get('stream-up-to-date') === 'true') return events
    offset = next
  }
}
