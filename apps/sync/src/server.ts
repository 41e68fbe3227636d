import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import fs from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import { getRequestListener, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import { WORKSPACE_STREAM } from '@coppice/events'
import type { Journal, QueryRequest } from '@coppice/protocol'
import { Hono } from 'hono'
import { Directory } from './access/directory.ts'
import { backUp } from './backup/backup.ts'
import { beginEpochs, endRestore, isRestored, noteRestore } from './backup/restored.ts'
import { admissionInto, apiCommandsFor } from './admission.ts'
import { joinServers, type Membership } from './cluster/join-servers.ts'
import { turnAway } from './connection/upgrade.ts'
import { SyncEndpoint } from './connection/sync-endpoint.ts'
import { SyncRoom, type ToldByServers } from './connection/sync-room.ts'
import { grantStartAccess, type StartAccess } from './first-start.ts'
import { api } from './http/api.ts'
import { blobRoutes } from './blobs/blob-routes.ts'
import { openBlobs } from './blobs/open-blobs.ts'
import { foreignContent } from './http/asking.ts'
import { browserPolicy } from './http/browser-policy.ts'
import { clientFiles } from './http/client-files.ts'
import { joinPages } from './http/join-page.ts'
import { PAGE_STYLE } from './http/page.ts'
import { metricsRoute } from './http/metrics-route.ts'
import { serverFigures } from './http/server-figures.ts'
import { signInRate } from './http/request-rate.ts'
import { signInRoutes } from './http/sign-in-routes.ts'
import { derivedTablesIn } from './log/derived-tables.ts'
import { keepReceiptsYoung } from './log/receipt-life.ts'
import { Logs } from './log/logs.ts'
import { Metrics } from './metrics/metrics.ts'
import { RoomEndpoint } from './rooms/room-endpoint.ts'
import { RoomStore } from './rooms/room-store.ts'
import { Rooms } from './rooms/rooms.ts'
import { openSigningKey } from './proof/signing-key.ts'
import { secretIn, writePrivateFile } from './private-file.ts'
import { settingsIn } from './settings.ts'
import { AccessTokens } from './sign-in/access-tokens.ts'
import { identifier } from './sign-in/identify.ts'
import { openSignIn } from './sign-in/sign-in.ts'
import { openStore } from './store/open-store.ts'
import { troubleOf } from './store/trouble.ts'
import type { RunningStore } from './store/running-store.ts'
import { TerminalEndpoint } from './terminals/terminal-endpoint.ts'
import { Tunnels } from './tunnels/tunnels.ts'
import { ideRoutes, ideTokenRoutes } from './ide/ide-routes.ts'
import { IdeTokens } from './ide/ide-tokens.ts'
import { PreviewHost } from './previews/preview-host.ts'
import { PreviewProxy } from './previews/preview-proxy.ts'
import { previewRoutes } from './previews/preview-routes.ts'
import { Previews } from './previews/previews.ts'
import { logRoutes } from './streams/log-routes.ts'
import { openStreams } from './streams/open-streams.ts'
import { streamRoutes } from './streams/stream-routes.ts'

export const SERVER_VERSION = '0.1.0'

/** While a server runs, its data folder tells the command line where it is and how to act as the owner. */
const ACCESS_FILE = 'access.json'

export interface ServerOptions {
  readonly dataFolder: string
  /** The address of a PostgreSQL that keeps the logs; without it they are in the data folder. */
  readonly databaseUrl?: string | undefined
  /** Where servers that share a PostgreSQL meet: `nats://host:4222`. Without it they meet in the PostgreSQL. */
  readonly natsUrl?: string | undefined
  /** With 0 the system chooses a free one. */
  readonly port: number
  /** The built web app. */
  readonly clientFolder: string
  /** Told of errors that nobody asked about. */
  readonly report: (error: unknown) => void
  readonly host?: string
  /** Told of what is done, by correlation id; without it nobody is. */
  readonly journal?: Journal | undefined
  /** A repository's folder that the owner is offered first: where the server was started from. */
  readonly suggestedPath?: string | undefined
  /** The database was put in place from a backup. A data folder that was, is recognised. */
  readonly restored?: boolean
  /** A domain all of whose subdomains lead here: previews get them as their names. */
  readonly previewHost?: string | undefined
  /** The store of these options, if somebody has begun to open it; it is the server's to close, even if there will be none. */
  readonly store?: Promise<RunningStore> | undefined
}

export interface RunningServer extends StartAccess {
  readonly url: string
  /** Settles when the store has died: the server cannot go on. */
  readonly failed: Promise<Error>
  close(): Promise<void>
}

/** Opens the port, the store and the logs. Throws, leaving nothing behind, if one of them cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1'
  let answer: (request: Request, env: HttpBindings | Http2Bindings) => Response | Promise<Response> = () =>
    new Response('Coppice is starting.', { status: 503, headers: { 'Retry-After': '1' } })
  let previews: PreviewProxy | undefined
  const listener = getRequestListener((request, env) => answer(request, env))
  // Under the host names of previews nothing of our own answers.
  const http = createServer((request, response) =>
    previews?.takes(request) ? previews.request(request, response) : listener(request, response),
  )
  const connections = connectionsOf(http)
  const inside = createServer()
  http.on('upgrade', (request, socket, head) => {
    // Nobody listens inside yet, and a connection that nobody answers would wait for ever.
    if (!previews) return turnAway(socket, '503 Service Unavailable')
    if (!previews.takes(request)) return inside.emit('upgrade', request, socket, head)
    return previews.upgrade(request, socket, head).catch((error: unknown) => {
      options.report(error)
      socket.destroy()
    })
  })
  let store: RunningStore | undefined
  try {
    // The port first: if it is taken, that is what is said.
    const port = await listen(http, host, options.port)
    store = await (options.store ?? openStore(options))
    const metrics = new Metrics()
    const opened = metrics.around(store)
    // One server at a time: the first of all makes the owner and the secrets that the others find.
    const { access, app, blobs, endpoint, logs, membership, proxy, rooms, streams, terminals, tunnels } =
      await opened.exclusively(() => assemble(opened, inside, options, metrics))
    previews = proxy
    answer = app.fetch
    const forgetting = keepReceiptsYoung(opened, options.report)
    const url = `http://${host}:${port}`
    const accessFile = path.join(options.dataFolder, ACCESS_FILE)
    writePrivateFile(accessFile, `${JSON.stringify({ url, ownerToken: access.ownerToken })}\n`)
    const close = async (): Promise<void> => {
      fs.rmSync(accessFile, { force: true })
      streams.close()
      blobs.close()
      endpoint.close()
      terminals.close()
      tunnels.close()
      proxy.close()
      await rooms.close()
      await closeHttp(http, connections, () => {
        endpoint.terminate()
        rooms.terminate()
        terminals.terminate()
      })
      forgetting()
      await membership.leave()
      await logs.flush().catch(options.report)
      await store?.close()
    }
    return { ...access, url, failed: store.failed, close }
  } catch (error) {
    await closeHttp(http, connections, () => undefined)
    // A store that could not be opened leaves nothing to close, and is what was thrown, or comes after it.
    store ??= await options.store?.catch(() => undefined)
    await store?.close()
    throw error
  }
}

/** Builds the server's parts on an open store, and makes the first start's owner. */
async function assemble(
  store: RunningStore,
  http: Server,
  { dataFolder, databaseUrl, natsUrl, clientFolder, suggestedPath, report, restored, journal, ...rest }: ServerOptions,
  metrics: Metrics,
) {
  const directory = new Directory()
  const settings = settingsIn(store)
  const key = await openSigningKey(settings)
  const blobs = await openBlobs(store, dataFolder, report)
  const hasBlob = (workspaceId: string, sha256: string): Promise<boolean> =>
    blobs.blobs.renew(workspaceId, sha256, Date.now())
  const room = new SyncRoom({ directory, store, serverVersion: SERVER_VERSION, key, hasBlob, metrics, journal, report })
  let membership: Membership | undefined
  const streams = openStreams(store, report, (path) => membership?.tellGrew('streams', path))
  let rooms: RoomEndpoint | undefined
  let terminals: TerminalEndpoint | undefined
  const logs = new Logs({
    store,
    directory,
    now: Date.now,
    committed: (commit, by) => {
      room.committed(commit, by)
      streams.wakeups.tell(commit.log)
      if (!commit.events.some(({ stream }) => stream === WORKSPACE_STREAM)) return
      rooms?.accessChanged()
      terminals?.accessChanged()
    },
    deriving: { key, report, tables: (logNo) => derivedTablesIn(store, logNo), signed: (head) => room.signed(head) },
  })
  room.attach(logs)
  const ended = restored || isRestored(dataFolder) ? await beginEpochs(store) : []
  await logs.load()
  await noteRestore(logs, ended)
  endRestore(dataFolder)

  const instanceId = await settings.keep('instance_id', randomUUID)
  const signIn = await openSignIn({
    store,
    // Servers that share a database know each other's cookies.
    secret: store.shared
      ? await settings.keep('cookie_secret', () => randomBytes(32).toString('base64url'))
      : secretIn(dataFolder, 'cookie-secret'),
    cookiePrefix: `coppice-${instanceId.slice(0, 8)}`,
    admission: admissionInto({ logs, directory, settings, readOn: () => room.readOn() }),
  })
  const tokens = new AccessTokens(store)
  const access = await grantStartAccess({ signIn, tokens, settings, logs, dataFolder, shared: store.shared })
  const identify = identifier(signIn, tokens, (userId) => directory.nameOf(userId))
  const endpoint = new SyncEndpoint(http, room, identify)
  const documents = new Rooms(new RoomStore(store), report, (name) => membership?.tellGrew('rooms', name))
  const roomEndpoint = new RoomEndpoint(http, {
    rooms: documents,
    directory,
    identify,
    readOn: async () => (store.shared ? room.readOn() : undefined),
    report,
  })
  rooms = roomEndpoint
  const tunnels = new Tunnels(http, room, identify)
  const terminalEndpoint = new TerminalEndpoint(http, { tunnels, directory, identify, report })
  terminals = terminalEndpoint
  const previews = new Previews(directory, identify, Date.now)
  const previewHost = new PreviewHost(rest.previewHost)
  const proxy = new PreviewProxy({ previews, host: previewHost, tunnels })
  const recheck = (): void => {
    endpoint.recheck()
    roomEndpoint.recheck()
    terminalEndpoint.recheck()
    previews.recheck().catch(report)
  }
  const toldBy: ToldByServers = {
    credentialsEnded: recheck,
    grew: (of) => {
      for (const path of of.streams) streams.wakeups.tell(path)
      for (const name of of.rooms) documents.lookForMore(name)
    },
  }
  const joined = await joinServers({ room, databaseUrl, natsUrl, instanceId, toldBy, report })
  membership = joined
  if (joined.bus !== undefined) documents.meet(joined.bus)
  const credentialsEnded = (): void => {
    recheck()
    joined.credentialsEnded()
  }

  const app = new Hono()
  for (const routes of ['/streams/*', '/logs/*', '/blobs/*']) app.use(routes, foreignContent)
  app.use('*', browserPolicy)
  const rate = signInRate()
  for (const routes of ['/join/*', '/api/auth/*', '/ide/*']) app.use(routes, rate)
  app.get('/health', async (c) => {
    const server = await serverFigures(store)
    // No names, no ids: whoever can reach the server may ask.
    const runners = room.reports
      .states(room.runnersOnline())
      .map(({ online, lastContact, figures }) => ({ online, lastContact, ...figures }))
    return c.json({ ok: true, version: SERVER_VERSION, ...server, runners })
  })
  app.get('/server-page.css', (c) =>
    c.body(PAGE_STYLE, 200, { 'Content-Type': 'text/css', 'Cache-Control': 'no-cache' }),
  )
  const workspaceName = (workspaceId: string): string | undefined => directory.workspace(workspaceId)?.name
  app.route('/join', joinPages(signIn, { nameOf: (userId) => directory.nameOf(userId), workspaceName }))
  app.route('/api/auth', signInRoutes(signIn, credentialsEnded))
  const commands = apiCommandsFor(logs)
  const ide = {
    identify,
    directory,
    tokens: new IdeTokens(store, Date.now),
    tunnels,
    blobs: blobs.blobs,
    logs,
    ask: (workspaceId: string, request: QueryRequest) => room.questions.askOurselves(workspaceId, request),
  }
  app.route('/api/ide-tokens', ideTokenRoutes(ide))
  app.route('/ide', ideRoutes(ide))
  app.route('/api/previews', previewRoutes({ identify, previews, host: previewHost }))
  app.route(
    '/api',
    api({
      identify,
      signIn,
      tokens,
      directory,
      commands,
      runners: async () => ({
        runners: room.reports.states(room.runnersOnline()),
        server: await serverFigures(store),
      }),
      serverVersion: SERVER_VERSION,
      suggestedPath,
      credentialsEnded,
      examine: async () => {
        // What is on its way to the disk is not missing.
        await logs.flush()
        const { examine } = await import('./doctor/examine.ts')
        return examine({ store, dataFolder, mend: false, served: true, serverVersion: SERVER_VERSION })
      },
      backUp: (target) => backUp({ store, dataFolder, target, now: Date.now }),
    }),
  )
  app.route('/metrics', metricsRoute(identify, directory, metrics))
  app.route(
    '/streams',
    streamRoutes({
      ...streams,
      identify,
      directory,
      producerEpoch: (id) => logs.producerEpoch(id),
      journal: room.journal,
    }),
  )
  app.route('/blobs', blobRoutes({ identify, directory, blobs: blobs.blobs }))
  app.route('/logs', logRoutes({ ...streams, identify, directory, store, logs }))
  app.route('/', clientFiles(path.resolve(clientFolder)))
  app.onError((error, c) => {
    report(error)
    const trouble = troubleOf(error)
    if (trouble !== undefined) {
      const text = `${trouble} What was not confirmed did not happen; try again in a moment.`
      return c.json({ ok: false, code: 'unavailable', error: text }, 503)
    }
    const text = 'Something went wrong on the server. What was not confirmed did not happen.'
    return c.json({ ok: false, code: 'internal', error: text }, 500)
  })
  return {
    access,
    app,
    blobs,
    endpoint,
    logs,
    membership: joined,
    proxy,
    rooms: roomEndpoint,
    streams,
    terminals: terminalEndpoint,
    tunnels,
  }
}

/** How long open requests may take to end when the server stops, milliseconds. */
const CLOSE_GRACE_MS = 500

/** All its connections, those too that became something else than HTTP. */
function connectionsOf(http: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>()
  http.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return open
}

async function closeHttp(http: Server, connections: ReadonlySet<Socket>, terminate: () => void): Promise<void> {
  const closed = new Promise((resolve) => http.close(resolve))
  const impatient = setTimeout(() => {
    terminate()
    for (const socket of connections) socket.destroy()
  }, CLOSE_GRACE_MS)
  await closed
  clearTimeout(impatient)
}

/** Thrown when the port cannot be had; its message is for the person who started the server. */
export class PortRefused extends Error {
  override readonly name = 'PortRefused'
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PortRefused(
              `Port ${port} is taken by another program. Nothing was changed. Choose another with --port (0 takes a free one).`,
            )
          : error.code === 'EACCES'
            ? new PortRefused(`This user may not listen on port ${port}. Choose one from 1024 on with --port.`)
            : error,
      )
    })
    server.listen(port, host, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('the server listens on no port'))
      else resolve(address.port)
    })
  })
}
