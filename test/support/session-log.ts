import { once } from 'node:events'
import { newId, recordedEventSchema, sessionStream, type RecordedEvent } from '@coppice/events'
import { fromServerSchema, parseFrame, PROTOCOL_VERSION } from '@coppice/protocol'
import type { RunningCoppice } from './coppice.ts'

const pollMs = 150

/** What a session's log says, read over HTTP as anybody may read it who holds the owner's token. */
export class SessionLog {
  readonly sessionId: string
  readonly #coppice: RunningCoppice
  readonly #workspace: string

  private constructor(coppice: RunningCoppice, workspace: string, sessionId: string) {
    this.#coppice = coppice
    this.#workspace = workspace
    this.sessionId = sessionId
  }

  /** The log of the session that an address of the web app shows, in the only workspace there is. */
  static async of(coppice: RunningCoppice, address: string): Promise<SessionLog> {
    const sessionId = new URL(address).pathname.split('/')[2]
    if (sessionId === undefined) throw new Error(`no session is at ${address}`)
    return new SessionLog(coppice, await onlyWorkspace(coppice), sessionId)
  }

  /** All events of the session so far, oldest first. */
  async read(): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = []
    const headers = { authorization: `Bearer ${this.#coppice.ownerToken}` }
    for (let offset = '-1'; ;) {
      const query = new URLSearchParams({ stream: sessionStream(this.sessionId), offset })
      const answer = await fetch(`${this.#coppice.url}/logs/${this.#workspace}?${query}`, { headers })
      if (!answer.ok) throw new Error(`the log answered ${answer.status}: ${await answer.text()}`)
      events.push(...((await answer.json()) as unknown[]).map((one) => recordedEventSchema.parse(one)))
      offset = answer.headers.get('stream-next-offset') ?? ''
      if (answer.headers.has('stream-up-to-date')) return events
    }
  }

  /** The n-th event of a type, waited for. @throws with all that is there when it does not come */
  async until(type: string, nth = 1, withinMs = 120_000): Promise<RecordedEvent> {
    const deadline = Date.now() + withinMs
    for (;;) {
      const events = await this.read()
      const found = events.filter((event) => event.type === type)[nth - 1]
      if (found) return found
      if (Date.now() > deadline)
        throw new Error(`no ${type} (${nth}) came; there were:\n${events.map(inShort).join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }
}

const inShort = (event: RecordedEvent): string => `${event.type} ${JSON.stringify(event.data).slice(0, 300)}`

async function onlyWorkspace({ url, ownerToken }: RunningCoppice): Promise<string> {
  const address = new URL('/sync', url)
  address.protocol = 'ws:'
  // Node's own client takes headers there, which its declaration does not know.
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${ownerToken}` } } as unknown as string[])
  await once(socket, 'open')
  const heard = once(socket, 'message') as Promise<[{ readonly data: string }]>
  const hello = { t: 'hello', version: PROTOCOL_VERSION, oldest: 1, role: 'client', clientId: newId() }
  socket.send(JSON.stringify({ ...hello, appVersion: 'test' }))
  const [{ data }] = await heard
  socket.close()
  const frame = parseFrame(fromServerSchema, data)
  if (!frame.ok || frame.message.t !== 'welcome') throw new Error(`no welcome, but ${data}`)
  const found = frame.message.logs.filter(({ log }) => log.startsWith('workspace:'))
  if (found.length !== 1 || found[0] === undefined) throw new Error(`one workspace was expected, not ${found.length}`)
  return found[0].log
}
