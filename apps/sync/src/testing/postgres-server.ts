import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from './free-port.ts'

/** Where Debian keeps PostgreSQL's programs; elsewhere they are on the path. */
const DEBIAN = '/usr/lib/postgresql'
const START_PATIENCE_MS = 60_000

/** A PostgreSQL of our own, in a temporary folder, on a port of the loopback, with the settings it ships with: it syncs. */
export interface PostgresServer {
  /** Of its superuser and first database. */
  readonly url: string
  /** Ends it, at once or (`fast`) cleanly; {@link start} brings it back with what it had. */
  halt(how: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/** The newest PostgreSQL of this machine: the folder of its programs, undefined where there is none. */
export function findPostgres(): string | undefined {
  const versions = fs.existsSync(DEBIAN) ? fs.readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((one) => path.join(DEBIAN, one, 'bin')), ...(process.env['PATH'] ?? '').split(':')]
  return folders.find((folder) => fs.existsSync(path.join(folder, 'initdb')))
}

/** Makes a cluster and starts it. PostgreSQL refuses to run as root: root starts it as the user `postgres`, or `nobody`. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPostgres()
  if (programs === undefined)
    throw new Error('There is no PostgreSQL on this machine. Install it (Debian: apt-get install postgresql).')
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-postgres-'))
  const owner = process.getuid?.() === 0 ? unprivileged() : undefined
  if (owner) fs.chownSync(folder, owner.uid, owner.gid)
  const data = path.join(folder, 'data')
  const as = { ...owner, cwd: folder }
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'coppice', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
    {
      ...as,
      stdio: 'pipe',
    },
  )
  const port = await freePort()
  const url = `postgres://coppice@127.0.0.1:${port}/postgres`
  let running: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1']
    const child = spawn(path.join(programs, 'postgres'), args, { ...as, stdio: ['ignore', 'ignore', 'pipe'] })
    const said: string[] = []
    child.stderr.on('data', (text) => said.push(String(text)))
    running = child
    for (const deadline = Date.now() + START_PATIENCE_MS; !(await answers(url)); await pause(50)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start: ${said.join('').slice(-2_000)}`)
    }
  }
  const halt = async (how: 'fast' | 'immediate'): Promise<void> => {
    if (running === undefined || running.exitCode !== null) return
    const gone = once(running, 'exit')
    running.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await gone
  }
  const remove = async (): Promise<void> => {
    await halt('immediate')
    fs.rmSync(folder, { recursive: true, force: true })
  }
  await start()
  return { url, halt, start, remove }
}

/** Makes an empty database on a server and gives its address. `drop` it afterwards. */
export async function freshDatabase(serverUrl: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `coppice_test_${crypto.randomUUID().replaceAll('-', '')}`
  await withClient(serverUrl, (client) => client.query(`create database ${name}`))
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const drop = async (): Promise<void> => {
    await withClient(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`))
  }
  return { url: url.href, drop }
}

/** All that is in a database, as one text. */
export async function databaseText(url: string): Promise<string> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ text: string }>("select database_to_xml(true, false, '')::text as text"),
  )
  return rows[0]?.text ?? ''
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query('select 1'))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

function unprivileged(): { uid: number; gid: number } {
  const users = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.')
}
