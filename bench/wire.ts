/**
 * PF-10: bytes on the wire. What a client gets that missed a hundred events, beside those events' own bytes; and what a
 * streamed answer of 10,000 tokens costs one who watches it and one who does not, beside its text. With and without
 * compression, where the server offers it. `--rate N` tokens a second.
 */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { parseArgs } from 'node:util'
import { newId } from '@coppice/events'
import { NumberedTexts, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, type FromServer } from '@coppice/protocol'
import { WebSocket } from 'ws'
import { windowMs } from '../apps/runner/src/turns/live-feed.ts'
import { judge } from './support/figures.ts'
import { LoadRunner } from './support/load-runner.ts'
import { observedWorkspace } from './support/observed-workspace.ts'
import { startCoppice, temporaryFolder, type ServerReady } from './support/processes.ts'
import { prose } from './support/prose.ts'

const { values } = parseArgs({ options: { rate: { type: 'string', default: '50' } } })
const TOKENS = 10_000
/** Letters of a token in the mean, spaces among them, as the usual tokenizers cut English. */
const TOKEN_LETTERS = 4
/** The runner begins another message after so many bytes. */
const MESSAGE_MOST = 40_000
const MISSED = 100

/** A client's connection that knows how many bytes came in on it, frames and all. */
async function client({ url, ownerToken }: ServerReady, compressed: boolean) {
  const headers = { authorization: `Bearer ${ownerToken}` }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, { headers, perMessageDeflate: compressed })
  const messages: FromServer[] = []
  const texts = new NumberedTexts()
  let heard = 0
  socket.on('message', (data) => {
    const delta = texts.read(String(data))
    const message = delta ?? (JSON.parse(String(data)) as FromServer)
    if (message.t !== 'live') return messages.push(message)
    if (delta === undefined) texts.note(message)
    for (const item of message.items) if (item.kind === 'text') heard += item.text.length
    return messages.push(message)
  })
  const [response] = (await once(socket, 'upgrade')) as [IncomingMessage]
  if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open')
  const send = (message: object): void => socket.send(JSON.stringify(message))
  const versions = { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION }
  send({ t: 'hello', ...versions, role: 'client', clientId: newId(), appVersion: 'bench' })
  const until = async (found: (message: FromServer) => boolean): Promise<FromServer> => {
    for (;;) {
      const message = messages.find(found)
      if (message) return message
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const welcome = await until(({ t }) => t === 'welcome')
  if (welcome.t !== 'welcome') throw new Error('No welcome came.')
  const [bytes, close] = [() => response.socket.bytesRead, () => socket.terminate()]
  return { send, messages, until, welcome, bytes, heard: () => heard, close }
}

const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
try {
  const { text } = prose(42)
  const { log, sessionIds } = await observedWorkspace(server.ready, 2, 150, (n) => text(40 + (n % 60)))
  const session = sessionIds[0] ?? ''
  for (const compressed of [false, true]) {
    const name = compressed ? 'compressed where offered' : 'plain'
    const missed = await client(server.ready, compressed)
    const at = missed.welcome.logs.find((one) => one.log === log)
    if (at === undefined) throw new Error('The workspace was not announced.')
    const before = missed.bytes()
    missed.send({ t: 'subscribe', log, epoch: at.epoch, position: at.head - MISSED })
    await missed.until((message) => message.t === 'events' && message.to === at.head)
    const events = missed.messages.flatMap((message) => (message.t === 'events' ? message.events : []))
    if (events.length !== MISSED) throw new Error(`${MISSED} events were missed, ${events.length} came`)
    const own = events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0)
    judge(`PF-10 ${MISSED} missed events over their own bytes, ${name}`, (missed.bytes() - before) / own, {
      atMost: 1.3,
    })
    missed.close()

    const [watcher, other] = [await client(server.ready, compressed), await client(server.ready, compressed)]
    for (const one of [watcher, other]) {
      const from = one.welcome.logs.find((each) => each.log === log)
      one.send({ t: 'subscribe', log, epoch: at.epoch, position: from?.head ?? at.head })
      one.send({ t: 'ping', n: 1 })
      await one.until(({ t }) => t === 'pong')
    }
    watcher.send({ t: 'watch', sessions: [{ log, session }] })
    await watcher.until((message) => message.t === 'live' && message.state === true)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const [watched, others] = [watcher.bytes(), other.bytes()]
    const runner = await LoadRunner.connect(server.ready)
    const answer = text(TOKENS).slice(0, TOKENS * TOKEN_LETTERS)
    // So many tokens are said in one window of the runner's, which begins with the first of them.
    const each = TOKEN_LETTERS * (Math.floor((Number(values.rate) * windowMs) / 1_000) + 1)
    const turnId = newId()
    let itemId = newId()
    let said = ''
    let length = 0
    let frames = 0
    const whole = async (): Promise<void> => {
      const data = { messageId: itemId, turnId, kind: 'agent', completeness: 'whole', durationMs: 1_000 } as const
      await runner.observe(log, [{ session, type: 'message.added', data: { ...data, text: said } }])
      runner.live(log, session, [{ kind: 'end', itemId }])
      length += said.length
      ;[itemId, said] = [newId(), '']
    }
    for (let n = 0; n < answer.length; n += each) {
      const piece = answer.slice(n, n + each)
      const delta = {
        kind: 'text',
        itemId,
        channel: 'agent',
        turnId,
        offset: said.length,
        text: piece,
        at: Date.now(),
      } as const
      runner.live(log, session, [delta])
      frames += 1
      said += piece
      // As fast as the frames are read one by one: compression sees them as they come.
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (said.length > MESSAGE_MOST) await whole()
    }
    if (said !== '') await whole()
    for (const one of [watcher, other])
      await one.until(
        (message) => message.t === 'events' && message.events.some(({ data }) => data['turnId'] === turnId),
      )
    await new Promise((resolve) => setTimeout(resolve, 500))
    if (watcher.heard() !== length) throw new Error(`${length} letters were said, ${watcher.heard()} came live`)
    process.stdout.write(`${frames} pieces of ${(length / frames).toFixed(1)} letters\n`)
    judge(`PF-10 a streamed answer over its text, watcher, ${name}`, (watcher.bytes() - watched) / length, {
      atMost: 2.2,
    })
    judge(`PF-10 the same, another client, ${name}`, (other.bytes() - others) / length, { atMost: 1.3 })
    for (const one of [watcher, other, runner]) one.close()
  }
} finally {
  await server.stop()
  remove()
}
