/** A load in a process of its own: people who type in shared documents, and cursors that move; prints how late cursors arrive. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { percentile } from './figures.ts'

export interface YjsJob {
  /** Address of the rooms; their names are `<prefix>0`, `<prefix>1` and so on. */
  readonly url: string
  readonly prefix: string
  readonly token: string | undefined
  readonly rooms: number
  readonly clientsEach: number
  /** Updates a second of each client. */
  readonly rate: number
  readonly seconds: number
}

export interface YjsResult {
  readonly updates: number
  readonly awarenessP99: number
}

const job = JSON.parse(process.argv[2] ?? '') as YjsJob
const total = Math.floor(job.rate * job.seconds)
const lags: number[] = []

const syncMessage = (kind: number, bytes: Uint8Array): Uint8Array => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  encoding.writeVarUint(encoder, kind)
  encoding.writeVarUint8Array(encoder, bytes)
  return encoding.toUint8Array(encoder)
}

/** A cursor whose position is the moment it was sent, microseconds since the process began. */
function cursorMessage(client: number, clock: number): Uint8Array {
  const update = encoding.createEncoder()
  encoding.writeVarUint(update, 1)
  encoding.writeVarUint(update, client)
  encoding.writeVarUint(update, clock)
  encoding.writeVarString(update, JSON.stringify({ cursor: Math.round(performance.now() * 1_000) }))
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(update))
  return encoding.toUint8Array(encoder)
}

/** What one person types: an update a character, made before the clock starts. */
function typing(): { client: number; frames: Uint8Array[] } {
  const doc = new Y.Doc()
  const frames: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => frames.push(syncMessage(2, update)))
  const text = doc.getText('draft')
  for (let n = 0; n < total; n += 1) text.insert(n, String(n % 10))
  return { client: doc.clientID, frames }
}

async function join(room: number): Promise<WebSocket> {
  const socket = new WebSocket(`${job.url.replace('http', 'ws')}/${job.prefix}${room}`, {
    headers: job.token === undefined ? {} : { authorization: `Bearer ${job.token}` },
    perMessageDeflate: false,
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return socket
}

function noteCursors(socket: WebSocket, own: number): void {
  socket.on('message', (data: Buffer) => {
    if (data[0] !== 1) return
    const arrived = performance.now()
    const decoder = decoding.createDecoder(decoding.readVarUint8Array(decoding.createDecoder(data.subarray(1))))
    for (let left = decoding.readVarUint(decoder); left > 0; left -= 1) {
      const client = decoding.readVarUint(decoder)
      decoding.readVarUint(decoder)
      const state = JSON.parse(decoding.readVarString(decoder)) as { cursor?: number } | null
      if (client !== own && state?.cursor !== undefined) lags.push(arrived - state.cursor / 1_000)
    }
  })
}

const people = await Promise.all(
  Array.from({ length: job.rooms * job.clientsEach }, async (_, n) => {
    const { client, frames } = typing()
    const socket = await join(n % job.rooms)
    if (n < job.rooms * 2) noteCursors(socket, client)
    return { socket, client, frames, cursors: n < job.rooms * 2, clock: 0 }
  }),
)
console.log('"ready"')
await new Promise((resolve) => process.stdin.once('data', resolve))

const began = performance.now()
let sent = 0
let cursorsDue = 0
while (sent < total) {
  const now = performance.now() - began
  const due = Math.min(total, Math.floor((now / 1_000) * job.rate))
  for (; sent < due; sent += 1) for (const { socket, frames } of people) socket.send(frames[sent] ?? new Uint8Array())
  if (now >= cursorsDue) {
    cursorsDue += 50
    for (const person of people) {
      if (!person.cursors) continue
      person.clock += 1
      person.socket.send(cursorMessage(person.client, person.clock))
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Everybody's every character, as whoever comes afterwards finds it. */
async function charactersIn(room: number): Promise<number> {
  const doc = new Y.Doc()
  const socket = await join(room)
  const whole = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      if (data[0] !== 0 || data[1] === 0) return
      Y.applyUpdate(doc, decoding.readVarUint8Array(decoding.createDecoder(data.subarray(2))))
      if (data[1] === 1) resolve()
    })
  })
  socket.send(syncMessage(0, Y.encodeStateVector(doc)))
  await whole
  socket.terminate()
  return doc.getText('draft').length
}

for (let room = 0; room < job.rooms; room += 1)
  while ((await charactersIn(room)) < total * job.clientsEach) await new Promise((resolve) => setTimeout(resolve, 20))
for (const { socket } of people) socket.terminate()
const result: YjsResult = { updates: total * people.length, awarenessP99: percentile(lags, 0.99) }
console.log(JSON.stringify(result))
process.exit(0)
