import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { NumberedTexts, type Live } from '@coppice/protocol'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Peer } from '../connection/peer.ts'
import { LIMITS } from '../limits.ts'
import { LiveChannel } from './live-channel.ts'

const LOG = 'workspace:w'
const PIECE = 'Words of an agent. '.repeat(2_600)
const PIECES = 300

const servers: WebSocketServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate()
    server.close()
  }
})

/** A page that looks at a session over a real socket, and puts together what it is told. */
async function viewer(server: WebSocketServer, version: number) {
  const arriving = once(server, 'connection')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  const socket = new WebSocket(`ws://127.0.0.1:${address.port}`, { perMessageDeflate: false })
  const [accepted, request] = (await arriving) as [WebSocket, { socket: ConstructorParameters<typeof Peer>[1] }]
  await once(socket, 'open')
  const seen = { from: 0, text: '', gaps: 0, states: 0 }
  const texts = new NumberedTexts()
  socket.on('message', (data) => {
    const delta = texts.read(String(data))
    const live = delta ?? (JSON.parse(String(data)) as Live)
    if (delta === undefined) texts.note(live)
    if (live.state === true) seen.states += 1
    for (const item of live.items) {
      if (item.kind !== 'text') continue
      const end = seen.from + seen.text.length
      if (live.state === true) Object.assign(seen, { from: item.offset, text: item.text })
      else if (item.offset > end) seen.gaps += 1
      else seen.text += item.text.slice(end - item.offset)
    }
  })
  const peer = new Peer(accepted, request.socket)
  peer.version = version
  return { socket, accepted, peer, seen }
}

test.each([1, 2])(
  '[RL-9] a viewer that reads nothing keeps little waiting, however much is said and asked; others miss nothing; reading again, it has what is there (version %i)',
  async (version) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
    servers.push(server)
    await once(server, 'listening')
    const channel = new LiveChannel(() => undefined)
    const stuck = await viewer(server, version)
    const other = await viewer(server, version)
    for (const { peer } of [stuck, other]) channel.watch(peer, LOG, 's')
    await expect.poll(() => stuck.seen.states + other.seen.states).toBe(2)
    stuck.socket.pause()

    let most = 0
    const end = (): number => PIECES * PIECE.length
    for (let n = 0; n < PIECES; n += 1) {
      const offset = n * PIECE.length
      const item = { kind: 'text' as const, itemId: 'm', channel: 'output' as const, turnId: 't', offset, text: PIECE }
      channel.relay({ log: LOG, session: 's', items: [{ ...item, at: n }] })
      // It still sends: that it missed something, again and again.
      if (n > PIECES / 2) channel.resend(stuck.peer, LOG, 's')
      if (n % 20 === 0) channel.watch(stuck.peer, LOG, 's')
      most = Math.max(most, stuck.accepted.bufferedAmount)
      await expect.poll(() => other.seen.from + other.seen.text.length, { interval: 1 }).toBe(offset + PIECE.length)
    }
    expect(stuck.accepted.bufferedAmount).toBeGreaterThan(LIMITS.socketBytes)
    expect(most).toBeLessThan(LIMITS.socketBytes + LIMITS.liveText + 200_000)
    expect(other.seen).toMatchObject({ from: 0, gaps: 0, states: 1 })
    expect(other.seen.text).toBe(PIECE.repeat(PIECES))

    stuck.socket.resume()
    await expect.poll(() => stuck.seen.from + stuck.seen.text.length).toBe(end())
    expect(PIECE.repeat(PIECES).endsWith(stuck.seen.text)).toBe(true)
  },
)

test('[RL-9] a peer that only asks and never reads is cut off at a limit', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  servers.push(server)
  await once(server, 'listening')
  const { socket, accepted, peer } = await viewer(server, 2)
  socket.pause()
  let most = 0
  for (let n = 0; peer.open && n < 10_000; n += 1) {
    peer.send({ t: 'error', code: 'forbidden', message: 'x'.repeat(100_000), fatal: false })
    most = Math.max(most, accepted.bufferedAmount)
    if (n % 50 === 0) await pause(1)
  }
  expect(peer.open).toBe(false)
  expect(most).toBeGreaterThan(LIMITS.stuckSocketBytes / 2)
  expect(most).toBeLessThan(LIMITS.stuckSocketBytes + 200_000)
})
