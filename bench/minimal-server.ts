/**
 * The least a server can do and still keep its word: takes JSON commands over a WebSocket, numbers them, stores them in the
 * same durable PGlite (or the PostgreSQL that `DATABASE_URL` names), acknowledges, and fans them out. No sign-in, no schemas, no deciding, no receipts. What Coppice costs
 * is measured against it, so it is written as well as we can and never slowed down: group commit, PGlite in a thread of
 * its own, a prepared statement on a connection of its own, one frame for all subscribers.
 *
 * Frames in: `{"t":"subscribe"}`, `{"t":"push","commands":[{"id":…, …}]}`.
 * Frames out: `{"t":"receipt","commandId":…}`, `{"t":"events","from":…,"to":…,"events":[…]}`.
 */
import fs from 'node:fs'
import { createServer } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import pg from 'pg'
import { WebSocketServer, type WebSocket } from 'ws'
import { createDatabase, openDatabase } from '../apps/sync/src/store/database.ts'

interface Row {
  readonly p: number
  readonly i: string
  readonly b: string
}

const TABLE =
  'create table events (position bigint primary key, id text collate "C" not null unique, body text not null)'
const INSERT =
  'insert into events select p, i, b from json_to_recordset($1::text::json) as row(p bigint, i text, b text)'

if (isMainThread) await serve()
else await storeInThread()

/** The database's thread: stores one batch a message, one sync a batch. */
async function storeInThread(): Promise<void> {
  const { folder } = workerData as { folder: string }
  await createDatabase(folder)
  const { pg } = await openDatabase(folder)
  await pg.exec(TABLE)
  parentPort?.on('message', async (rows: string) => {
    await pg.query(INSERT, [rows])
    parentPort?.postMessage('stored')
  })
  parentPort?.postMessage('ready')
}

/** Stores rows, given as JSON, and calls back when they are on disk. One batch at a time. */
type Store = (rows: string, stored: () => void) => void

async function openPglite(folder: string): Promise<Store> {
  const database = new Worker(new URL(import.meta.url), { workerData: { folder: path.join(folder, 'store') } })
  await new Promise((resolve) => database.once('message', resolve))
  let done = (): void => undefined
  database.on('message', () => done())
  return (rows, stored) => {
    done = stored
    database.postMessage(rows)
  }
}

async function openPostgres(url: string): Promise<Store> {
  const client = new pg.Client({ connectionString: url, options: '-c jit=off -c plan_cache_mode=force_generic_plan' })
  await client.connect()
  await client.query('drop table if exists events')
  await client.query(TABLE)
  return (rows, stored) => {
    client.query({ name: 'insert', text: INSERT, values: [rows] }).then(stored, (error: unknown) => {
      throw error
    })
  }
}

async function serve(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-minimal-'))
  const databaseUrl = process.env['DATABASE_URL']
  const store = databaseUrl ? await openPostgres(databaseUrl) : await openPglite(folder)

  const subscribers = new Set<WebSocket>()
  let head = 0
  let incoming: { row: Row; from: WebSocket }[] = []
  let storing: typeof incoming = []

  const flush = (): void => {
    if (storing.length > 0 || incoming.length === 0) return
    storing = incoming
    incoming = []
    store(JSON.stringify(storing.map(({ row }) => row)), tell)
  }
  const tell = (): void => {
    const stored = storing
    storing = []
    const from = head
    head += stored.length
    const bodies = stored.map(({ row }) => row.b).join(',')
    const frame = Buffer.from(`{"t":"events","from":${from},"to":${head},"events":[${bodies}]}`)
    for (const socket of subscribers) socket.send(frame, { binary: false })
    for (const { row, from: sender } of stored) sender.send(JSON.stringify({ t: 'receipt', commandId: row.i }))
    flush()
  }

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
