import { newId } from '@coppice/events'
import {
  NumberedTexts,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type FromServer,
  type LiveItem,
} from '@coppice/protocol'
import { WebSocket } from 'ws'
import { LiveFeed } from '../../apps/runner/src/turns/live-feed.ts'
import { fillWorkspace } from './fill-workspace.ts'
import { LoadRunner } from './load-runner.ts'
import type { ServerReady } from './processes.ts'

/** A page looks at no more sessions at once. */
const WATCHED_MOST = 32
/** A word; or what a program prints. */
const TOKEN = 'somewhat '
const MESSAGE_MOST = 30_000
const FLOOD_PIECE = 100_000

export interface LiveLoad {
  readonly sessions: number
  readonly viewers: number
  /** Of these viewers so many read nothing after they have begun to look. */
  readonly stuck: number
  readonly seconds: number
  readonly tokensPerSecond: number
  /** What is said each time; a word unless told otherwise. */
  readonly token?: string
  /** Letters that each session says at once before anything is measured: more than the sockets of those who do not read take. */
  readonly flood?: number
}

export interface LiveFigures {
  /** From an agent's token to a viewer that has it, ms, each token with each viewer. */
  readonly latencies: readonly number[]
  /** Messages of which a viewer did not have the whole text when it heard of their end, or of their event. */
  readonly lost: number
  /** Messages whose end a viewer heard. */
  readonly ended: number
}

type Saying = { readonly itemId: string; readonly turnId: string; readonly saidAt: number[]; length: number }

/** Sessions of a real server stream at once, each with the runner's own coalescing; viewers put the texts together. */
export async function liveLoad(ready: ServerReady, load: LiveLoad): Promise<LiveFigures> {
  const token = load.token ?? TOKEN
  const { log, sessionIds } = await fillWorkspace(ready, load.sessions, 0, () => '')
  const runner = await LoadRunner.connect(ready)
  const sayings = new Map<string, Saying>(
    sessionIds.map((session) => [session, { itemId: newId(), turnId: newId(), saidAt: [], length: 0 }]),
  )
  const byItem = new Map([...sayings.values()].map((one) => [one.itemId, one]))
  const floods = new Map(sessionIds.map((session) => [newId(), session]))
  /** Texts of the flood that readers have whole. */
  let flooded = 0
  const latencies: number[] = []
  let lost = 0
  let ended = 0
  let due = 0

  const view = async (n: number): Promise<WebSocket> => {
    const socket = new WebSocket(`${ready.url.replace('http', 'ws')}/sync`, {
      headers: { authorization: `Bearer ${ready.ownerToken}` },
      perMessageDeflate: false,
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const reach = new Map<string, number>()
    const heardOf = (itemId: string): void => {
      ended += 1
      if (reach.get(itemId) !== byItem.get(itemId)?.length) lost += 1
    }
    const taken = (item: LiveItem): void => {
      if (item.kind === 'end') return byItem.has(item.itemId) ? heardOf(item.itemId) : undefined
      if (item.kind !== 'text') return
      const from = reach.get(item.itemId) ?? 0
      const to = item.offset + item.text.length
      if (to <= from || (item.offset > from && !floods.has(item.itemId))) return
      reach.set(item.itemId, to)
      if (floods.has(item.itemId)) return void (to === load.flood && (flooded += 1))
      const now = performance.now()
      const saidAt = byItem.get(item.itemId)?.saidAt ?? []
      for (let nth = from / token.length; nth < to / token.length; nth += 1)
        latencies.push(now - (saidAt[nth] ?? Number.NaN))
    }
    const texts = new NumberedTexts()
    const welcomed = new Promise<Extract<FromServer, { t: 'welcome' }>>((resolve) =>
      socket.on('message', (data) => {
        const delta = texts.read(String(data))
        if (delta) return delta.items.forEach(taken)
        const message = JSON.parse(String(data)) as FromServer
        if (message.t === 'welcome') resolve(message)
        else if (message.t === 'live') {
          texts.note(message)
          message.items.forEach(taken)
        } else if (message.t === 'events')
          for (const { type, data: of } of message.events)
            if (type === 'message.added' && reach.has(String(of['messageId']))) heardOf(String(of['messageId']))
      }),
    )
    const versions = { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION }
    const hello = { t: 'hello', ...versions, role: 'client', clientId: newId(), appVersion: 'bench' }
    socket.send(JSON.stringify(hello))
    const at = (await welcomed).logs.find((one) => one.log === log)
    if (at === undefined) throw new Error('The new workspace was not announced.')
    socket.send(JSON.stringify({ t: 'subscribe', log, epoch: at.epoch, position: at.head }))
    const watched = sessionIds.filter((_, index) => (index + n * 10) % sessionIds.length < WATCHED_MOST)
    socket.send(JSON.stringify({ t: 'watch', sessions: watched.map((session) => ({ log, session })) }))
    if (n < load.stuck) socket.pause()
    else due += watched.length * 2
    return socket
  }
  const sockets: WebSocket[] = []
  for (let n = 0; n < load.viewers; n += 1) sockets.push(await view(n))

  for (const [itemId, session] of floods) {
    const piece = { kind: 'text', itemId, channel: 'output', turnId: newId(), at: Date.now() } as const
    for (let offset = 0; offset < (load.flood ?? 0); offset += FLOOD_PIECE)
      runner.live(log, session, [{ ...piece, offset, text: '~'.repeat(FLOOD_PIECE) }])
  }
  await until('the flood had come to those who read', () => load.flood === undefined || flooded * 2 >= due)
  for (const [itemId, session] of floods) runner.live(log, session, [{ kind: 'end', itemId }])
  await new Promise((resolve) => setTimeout(resolve, 500))

  const context = {
    now: Date.now,
    live: (to: typeof log, session: string, items: LiveItem[]) => runner.live(to, session, items),
  }
  const feeds = new Map(sessionIds.map((session) => [session, new LiveFeed(context, log, session)]))
  const say = (session: string, { itemId, turnId, saidAt }: Saying): void => {
    const offset = saidAt.length * token.length
    saidAt.push(performance.now())
    feeds.get(session)?.text({ itemId, channel: 'agent', turnId, offset, text: token })
  }
  const begun = performance.now()
  const tokens = load.seconds * load.tokensPerSecond
  const all = [...sayings]
  for (let tick = 0; tick < tokens * all.length; tick += 1) {
    // By the schedule, the sessions one after the other, as agents that know nothing of each other.
    const early = begun + (tick * 1_000) / (load.tokensPerSecond * all.length) - performance.now()
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
    const [session, saying] = all[tick % all.length] ?? []
    if (session !== undefined && saying) say(session, saying)
  }
  for (const [session, saying] of all) {
    saying.length = saying.saidAt.length * token.length
    const feed = feeds.get(session)
    // As the runner ends a message: what is left of its text, its event, its end.
    feed?.flush()
    const { itemId: messageId, turnId } = saying
    const data = { messageId, turnId, kind: 'agent', completeness: 'whole', durationMs: 1_000 } as const
    void runner.observe(log, [
      { session, type: 'message.added', data: { ...data, text: token.repeat(tokens).slice(0, MESSAGE_MOST) } },
    ])
    feed?.end(messageId)
  }
  await until(`all of ${due} ends had come`, () => ended >= due)
  for (const socket of sockets) socket.terminate()
  runner.close()
  return { latencies, lost, ended }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const givenUp = performance.now() + 30_000; performance.now() < givenUp;) {
    if (isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`Nobody saw that ${what}.`)
}
