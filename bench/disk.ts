/** What a streamed message costs on disk, beside its text: in the log, and in its run's stream (PF-11). */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { makeObservation, newId, sessionStream, workspaceLog } from '@coppice/events'
import { WebSocket } from 'ws'
import { Transcript } from '../apps/runner/src/turns/transcript.ts'
import { RunRecords } from '../apps/runner/src/records/run-records.ts'
import { fixed, judge } from './support/figures.ts'
import { prepareCoppice } from './support/load-target.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const MESSAGES = Number(process.argv[2] ?? 500)
/** As a model writes: some characters at a time. */
const PIECE = 12
/** Agents speak several paragraphs, or a few lines of code: the mean is about this, characters. */
const MEAN = Number(process.argv[3] ?? 2_400)

/** English text without end, from this repository's own pages, so that it packs as text does and not as a repetition would. */
function* prose(): Generator<string, never> {
  const folder = new URL('..', import.meta.url).pathname
  const files = [...filesIn(path.join(folder, 'docs')), ...filesIn(path.join(folder, 'packages'))]
  const all = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  for (let [n, at] = [0, 0]; ; n += 1) {
    const length = Math.round(MEAN * (0.2 + ((n * 37) % 161) / 100))
    if (at + length > all.length) at = 0
    yield all.slice(at, at + length)
    at += length
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && /\.(md|ts)$/.test(one.name) && !one.parentPath.includes('node_modules'))
    .map((one) => path.join(one.parentPath, one.name))
    .toSorted()
}

const data = temporaryFolder()
const base = path.join(data.folder, 'server', 'store', 'pg', 'base')

/** Bytes of the tables and indexes, without the write-ahead log, which is used again and again. */
function tables(): number {
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .reduce((sum, one) => sum + statSync(path.join(one.parentPath, one.name)).size, 0)
}

const texts: string[] = []
const source = prose()
while (texts.length < MESSAGES) texts.push(source.next().value)
const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

/** Starts a server on the folder, lets something be written, stops it (which writes all pages out), and says how it grew. */
async function growth(
  work: (ready: { url: string; ownerToken: string; runnerToken: string; runnerId: string }) => Promise<void>,
): Promise<number> {
  const before = tables()
  const server = await startCoppice(path.join(data.folder, 'server'))
  await work(server.ready as { url: string; ownerToken: string; runnerToken: string; runnerId: string })
  await server.stop()
  return tables() - before
}

/** A runner's socket, welcomed. */
async function asRunner(url: string, token: string): Promise<{ socket: WebSocket; epoch: number }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, { headers: { authorization: `Bearer ${token}` } })
  await new Promise((resolve) => socket.once('open', resolve))
  const welcome = new Promise<{ producerEpoch: number }>((resolve) =>
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as { t: string; producerEpoch: number }
      if (message.t === 'welcome') resolve(message)
    }),
  )
  socket.send(
    JSON.stringify({ t: 'hello', version: 1, oldest: 1, role: 'runner', clientId: newId(), appVersion: 'bench' }),
  )
  return { socket, epoch: (await welcome).producerEpoch }
}

try {
  let workspaceId = ''
  let sessionId = ''
  const first = await startCoppice(path.join(data.folder, 'server'))
  const prepared = await prepareCoppice(first.ready)
  if (prepared.kind !== 'coppice') throw new Error('prepared something else')
  workspaceId = prepared.workspaceId
  sessionId = prepared.sessionIds[0] ?? ''
  await first.stop()
  // What a start by itself writes is not the messages'.
  const idle = await growth(async () => undefined)

  const inLog = await growth(async ({ url, runnerToken, runnerId }) => {
    const { socket, epoch } = await asRunner(url, runnerToken)
    const address = { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) }
    for (const [n, text] of texts.entries()) {
      const stamp = {
        id: newId(),
        now: Date.now(),
        actor: { kind: 'agent' as const, id: 'script' },
        causationId: newId(),
        correlationId: newId(),
      }
      const event = makeObservation(
        address,
        'message.added',
        { messageId: newId(), turnId: newId(), kind: 'agent', text, completeness: 'whole', durationMs: 1_000 },
        stamp,
      )
      const stored = new Promise<{ rejected: unknown[] }>((resolve) =>
        socket.once('message', (answer) => resolve(JSON.parse(String(answer)) as { rejected: unknown[] })),
      )
      const producer = { id: runnerId, epoch, seq: n + 1 }
      socket.send(JSON.stringify({ t: 'observe', batch: newId(), log: address.log, events: [{ ...event, producer }] }))
      const { rejected } = await stored
      if (rejected.length > 0) throw new Error(`the message was not taken: ${JSON.stringify(rejected)}`)
    }
    socket.terminate()
  })

  const inStream = await growth(async ({ url, runnerToken, runnerId }) => {
    const { socket, epoch } = await asRunner(url, runnerToken)
    const records = new RunRecords(
      data.folder,
      url,
      (line) => console.log(line),
      () => undefined,
    )
    records.online({ token: { renewable: false, read: () => runnerToken }, runnerId, epoch })
    for (const [n, text] of texts.entries()) {
      const file = path.join(data.folder, 'logs', `turn-${n}.jsonl`)
      records.begin(file, `${workspaceId}/runs/${newId()}/${newId()}`, newId())
      const transcript = new Transcript(file, () => records.grown(file))
      const messageId = newId()
      for (let at = 0; at < text.length; at += PIECE) {
        transcript.write({ kind: 'text', messageId, channel: 'agent', text: text.slice(at, at + PIECE) })
        // Every so many pieces the event loop turns, as it would: the record is sent in several parts.
        if (at % (PIECE * 100) === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      transcript.close()
      records.over(file)
      while (records.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    records.offline()
    socket.terminate()
  })

  const each = (bytes: number): string => `${fixed((bytes - idle) / MESSAGES, 0)} bytes`
  console.log(
    `${MESSAGES} messages of ${fixed(textBytes / MESSAGES, 0)} bytes each, in pieces of ${PIECE}; one turn each`,
  )
  console.log(`in the log ${each(inLog)}, in its run's stream ${each(inStream)}`)
  judge('PF-11 a message in the log, ratio to its text', (inLog - idle) / textBytes, { atMost: 1.3 })
  judge("PF-11 a message in its run's stream, ratio to its text", (inStream - idle) / textBytes, { atMost: 1.3 })
} finally {
  data.remove()
}
