/**
 * The least a server can do and still keep its word: takes JSON commands over a WebSocket, numbers them, stores them in the
 * same durable PGlite, acknowledges, and fans them out. No sign-in, no schemas, no deciding, no receipts. What Coppice costs
 * is measured against it, so it is written as well as we can and never slowed down: group commit, the database in a thread of
 * its own, one frame for all subscribers.
 *
 * Frames in: `{"t":"subscribe"}`, `{"t":"push","commands":[{"id":…, …}]}`.
 * Frames out: `{"t":"receipt","commandId":…}`, `{"t":"events","from":…,"to":…,"events":[…]}`.
 */
import fs from 'node:fs'
import { createServer } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { WebSocketServer, type WebSocket } from 'ws'
import { createDatabase, openDatabase } from '../apps/sync/src/store/database.ts'

interface Row {
  readonly p: number
  readonly i: string
  readonly b: string
}

if (isMainThread) await serve()
else await store()

/** The database's thread: stores one batch a message, one sync a batch. */
async function store(): Promise<void> {
  const { folder } = workerData as { folder: string }
  await createDatabase(folder)
  const { pg } = await openDatabase(folder)
  await pg.exec(
    'create table events (position bigint primary key, id text collate "C" not null unique, body text not null)',
  )
  parentPort?.on('message', async (rows: string) => {
    await pg.query(
      'insert into events select p, i, b from json_to_recordset($1::text::json) as row(p bigint, i text, b text)',
      [rows],
    )
    parentPort?.postMessage('stored')
  })
  parentPort?.postMessage('ready')
}

async function serve(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-minimal-'))
  const database = new Worker(new URL(import.meta.url), { workerData: { folder: path.join(folder, 'store') } })
  await new Promise((resolve) => database.once('message', resolve))

  const subscribers = new Set<WebSocket>()
  let head = 0
  let incoming: { row: Row; from: WebSocket }[] = []
  let storing: typeof incoming = []

  const flush = (): void => {
    if (storing.length > 0 || incoming.length === 0) return
    storing = incoming
    incoming = []
    database.postMessage(JSON.stringify(storing.map(({ row }) => row)))
  }
  database.on('message', () => {
    const stored = storing
    storing = []
    const from = head
    head += stored.length
    const bodies = stored.map(({ row }) => row.b).join(',')
    const frame = Buffer.from(`{"t":"events","from":${from},"to":${head},"events":[${bodies}]}`)
    for (const socket of subscribers) socket.send(frame, { binary: false })
    for (const { row, from: sender } of stored) sender.send(JSON.stringify({ t: 'receipt', commandId: row.i }))
    flush()
  })

  let next = 0
  const server = createServer((_request, response) => response.end('ok'))
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    socket.once('close', () => subscribers.delete(socket))
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { t: string; commands: { id: string }[] }
      if (message.t === 'subscribe') {
        subscribers.add(socket)
        return
      }
      for (const command of message.commands) {
        next += 1
        incoming.push({ row: { p: next, i: command.id, b: JSON.stringify(command) }, from: socket })
      }
      setImmediate(flush)
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (address !== null && typeof address !== 'string')
      console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }))
  })
  process.on('SIGTERM', () => {
    fs.rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  })
}
