import fs from 'node:fs'
import path from 'node:path'
import { newId, workspaceLog, type LogId } from '@coppice/events'
import { startServer, type RunningServer } from '../server.ts'
import { createSession, createWorkspace } from './commands.ts'
import { freshDataFolder, type TestPlace } from './data-folder.ts'
import { SyncClient, type ConnectedClient } from './sync-client.ts'

export interface TestServer extends RunningServer {
  readonly folder: string
  readonly place: TestPlace
  /** What the server reported: a test that expects none checks it. */
  readonly reports: unknown[]
  /** The port only, the same data. */
  restart(): Promise<TestServer>
  stop(): Promise<void>
}

/** A real server on a free port of the loopback, with a data folder of its own. */
export async function startTestServer(at?: TestPlace, natsUrl?: string): Promise<TestServer> {
  const place = at ?? (await freshDataFolder())
  const { folder } = place
  const clientFolder = path.join(folder, 'client')
  fs.mkdirSync(path.join(clientFolder, 'assets'), { recursive: true })
  fs.writeFileSync(path.join(clientFolder, 'index.html'), '<!doctype html><title>Coppice</title>')
  fs.writeFileSync(path.join(clientFolder, 'assets', 'app-B1a2c3d4.js'), 'console.log(1)')
  const reports: unknown[] = []
  const server = await startServer({
    dataFolder: folder,
    databaseUrl: place.databaseUrl,
    natsUrl,
    port: 0,
    clientFolder,
    report: (error) => reports.push(error),
  })
  const restart = async (): Promise<TestServer> => {
    await server.close()
    return startTestServer(place, natsUrl)
  }
  const stop = async (): Promise<void> => {
    await server.close()
    await place.remove()
  }
  return { ...server, folder, place, reports, restart, stop }
}

/** A workspace with one session, made by the owner. */
export async function withSession(server: TestServer): Promise<{
  owner: ConnectedClient
  workspaceId: string
  sessionId: string
  log: LogId
}> {
  const owner = await SyncClient.connect(server.url, { token: server.ownerToken })
  const [workspaceId, sessionId] = [newId(), newId()]
  await owner.push(createWorkspace(workspaceId, server.runnerId))
  await owner.push(createSession(workspaceId, sessionId))
  return { owner, workspaceId, sessionId, log: workspaceLog(workspaceId) }
}

/** Opens a link as a browser does and gives the cookie it got. */
export async function openLink(
  url: string,
  joinPath: string,
  name: string,
  cookie?: string,
): Promise<{ status: number; cookie: string; text: string }> {
  const answer = await fetch(url + joinPath, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url, ...(cookie && { cookie }) },
    body: new URLSearchParams(name === '' ? {} : { name }).toString(),
  })
  const given = answer.headers.getSetCookie().map((one) => one.split(';')[0])
  return { status: answer.status, cookie: given.join('; '), text: await answer.text() }
}
