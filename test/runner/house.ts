import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import {
  asSession,
  evolve,
  initialState,
  makeCommand,
  newId,
  sessionStream,
  WORKSPACE_STREAM,
  workspaceLog,
} from '@coppice/events'
import type { CommandData, KnownCommand, LogId, RecordedEvent, Refusal, SessionState, StreamId } from '@coppice/events'
import { fromServerSchema, NumberedTexts, parseFrame, PROTOCOL_VERSION } from '@coppice/protocol'
import type { FromClient, FromServer, LiveItem, QueryRequest } from '@coppice/protocol'
import { temporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'
import type { TemporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'

const app = (name: string): string => new URL(`../../apps/${name}/src/main.ts`, import.meta.url).pathname

type Started = {
  readonly url: string
  readonly ownerToken: string
  readonly runnerToken: string
  readonly runnerId: string
}

/** A real server and a real runner as processes of their own, a repository, and the owner connected. */
export class House {
  readonly at: TemporaryRepository
  readonly workspaceId = newId()
  readonly log: LogId = workspaceLog(this.workspaceId)
  readonly events: RecordedEvent[] = []
  readonly live: LiveItem[] = []
  readonly runnerSaid: string[] = []
  readonly serverSaid: string[] = []
  started: Started = { url: '', ownerToken: '', runnerToken: '', runnerId: '' }
  runner: ChildProcess | undefined
  #server: ChildProcess | undefined
  #socket: WebSocket | undefined
  #texts = new NumberedTexts()
  readonly #waiting = new Map<string, (message: FromServer) => void>()
  readonly #watched: { log: string; session: string }[] = []
  readonly #env: Record<string, string>

  private constructor(env: Record<string, string>) {
    this.at = temporaryRepository()
    this.#env = { COPPICE_SCRIPT_WORD_MS: '1', COPPICE_OPENCODE_BIN: '/nowhere/opencode', ...env }
  }

  /** Starts everything and makes a workspace on the repository. */
  static async open(env: Record<string, string> = {}, from: 'path' | 'url' = 'path'): Promise<House> {
    const house = new House(env)
    await house.startServer()
    await house.startRunner()
    const source =
      from === 'path'
        ? { kind: 'path' as const, path: house.at.repo }
        : { kind: 'url' as const, url: `file://${house.at.repo}` }
    const { workspaceId } = house
    const data = { workspaceId, name: 'project', source, runnerId: house.started.runnerId, creatorName: 'Ann' }
    await house.command(WORKSPACE_STREAM, 'workspace.create', data)
    house.#send({ t: 'subscribe', log: house.log, epoch: '', position: 0 })
    await house.until('workspace.repositoryReady')
    return house
  }

  get runnerData(): string {
    return path.join(this.at.root, 'runner')
  }

  async startServer(port = 0): Promise<void> {
    const args = [
      app('sync'),
      '--json',
      '--port',
      String(port),
      '--data',
      path.join(this.at.root, 'server'),
      '--client-dir',
      this.at.root,
    ]
    const server = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    })
    createInterface({ input: server.stderr }).on('line', (line) => {
      this.serverSaid.push(line)
      if (!line.startsWith('{')) process.stderr.write(`${line}\n`)
    })
    this.#server = server
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
    this.started = JSON.parse(line) as Started
    writeFileSync(this.tokenFile, this.started.runnerToken, { mode: 0o600 })
    await this.#connect()
  }

  get tokenFile(): string {
    return path.join(this.at.root, 'runner-token')
  }

  /** Starts a runner process and waits until it works. */
  async startRunner(): Promise<ChildProcess> {
    const args = [
      app('runner'),
      '--json',
      '--server',
      this.started.url,
      '--data',
      this.runnerData,
      '--token-file',
      this.tokenFile,
    ]
    const runner = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    })
    createInterface({ input: runner.stderr }).on('line', (line) => this.runnerSaid.push(line))
    this.runner = runner
    const ended = once(runner, 'exit').then(([code]) => {
      throw new Error(`the runner ended with code ${String(code)}: ${this.runnerSaid.join('\n')}`)
    })
    // The race goes on listening: a runner that ends later is no unhandled rejection.
    await Promise.race([once(createInterface({ input: runner.stdout }), 'line'), ended])
    return runner
  }

  async stopRunner(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { runner } = this
    if (!runner || runner.exitCode !== null || runner.signalCode !== null) return runner?.exitCode ?? null
    const gone = once(runner, 'exit')
    runner.kill(signal)
    const [code] = (await gone) as [number | null]
    return code
  }

  async stopServer(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#socket?.close()
    const server = this.#server
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }

  /** A copy of the server's data as it is now. */
  async backUp(): Promise<string> {
    const folder = path.join(this.at.root, 'backup')
    const headers = { authorization: `Bearer ${this.started.ownerToken}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ folder })
    const answer = await fetch(`${this.started.url}/api/backup`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`no backup: ${await answer.text()}`)
    return folder
  }

  /** Puts a backup in the place of the server's data; the runner goes on meanwhile. */
  async restore(backup: string): Promise<void> {
    const port = Number(new URL(this.started.url).port)
    await this.stopServer()
    const data = path.join(this.at.root, 'server')
    rmSync(data, { recursive: true })
    renameSync(backup, data)
    this.events.length = 0
    await this.startServer(port)
    this.#send({ t: 'subscribe', log: this.log, epoch: '', position: 0 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopRunner()
    await this.stopServer()
    this.at[Symbol.dispose]()
  }

  async #connect(): Promise<void> {
    const url = new URL('/sync', this.started.url)
    url.protocol = 'ws:'
    const headers = { authorization: `Bearer ${this.started.ownerToken}` }
    const socket = new WebSocket(url, { headers } as unknown as string[])
    this.#socket = socket
    this.#texts = new NumberedTexts()
    await once(socket, 'open')
    socket.addEventListener('message', (event) => this.#receive(String(event.data)))
    const welcome = new Promise((resolve) => this.#waiting.set('welcome', resolve))
    this.#send({
      t: 'hello',
      version: PROTOCOL_VERSION,
      oldest: 1,
      role: 'client',
      clientId: newId(),
      appVersion: 'test',
    })
    await welcome
    if (this.events.length > 0) this.#send({ t: 'subscribe', log: this.log, epoch: '', position: 0 })
  }

  #receive(text: string): void {
    const delta = this.#texts.read(text)
    if (delta) return void this.live.push(...delta.items)
    const frame = parseFrame(fromServerSchema, text)
    if (!frame.ok) throw new Error(frame.problem)
    const { message } = frame
    if (message.t === 'events') {
      for (const event of message.events)
        if (event.position > (this.events.at(-1)?.position ?? 0)) this.events.push(event)
    } else if (message.t === 'live') {
      this.#texts.note(message)
      this.live.push(...message.items)
    }
    const key = message.t === 'receipt' ? message.commandId : message.t === 'queryResult' ? message.id : message.t
    this.#waiting.get(key)?.(message)
    this.#waiting.delete(key)
  }

  #send(message: FromClient): void {
    this.#socket?.send(JSON.stringify(message))
  }

  /** Sends a command and gives the refusal, if it was refused. */
  async command<T extends KnownCommand['type']>(
    stream: StreamId,
    type: T,
    data: CommandData<T>,
    log = this.log,
  ): Promise<Refusal | undefined> {
    const command = makeCommand({ log, stream }, type, data, { id: newId(), now: Date.now() })
    const receipt = new Promise<FromServer>((resolve) => this.#waiting.set(command.id, resolve))
    this.#send({ t: 'push', commands: [command] })
    const message = await answered(receipt, type)
    return message.t === 'receipt' && message.result.kind === 'refused' ? message.result.refusal : undefined
  }

  /** @param runnerId another runner than the one that would be asked */
  async query(request: QueryRequest, log = this.log, runnerId?: string): Promise<Record<string, unknown>> {
    const id = newId()
    const result = new Promise<FromServer>((resolve) => this.#waiting.set(id, resolve))
    this.#send({ t: 'query', id, log, request, ...(runnerId !== undefined && { runnerId }) })
    const message = await answered(result, request.kind)
    return message.t === 'queryResult' ? message.answer : {}
  }

  /** A new session on `main`, watched; Auto unless said otherwise. */
  async session(
    text: string | undefined,
    options: Partial<CommandData<'session.create'>> = {},
  ): Promise<SessionInHouse> {
    const sessionId = newId()
    this.#watched.push({ log: this.log, session: sessionId })
    this.#send({ t: 'watch', sessions: this.#watched.slice(-32) })
    const message = text === undefined ? {} : { message: { messageId: newId(), text } }
    const data = {
      sessionId,
      workspaceId: this.workspaceId,
      mode: 'develop' as const,
      provider: 'script',
      model: 'script',
      baseBranch: 'main',
      stepMode: 'auto' as const,
      ...message,
      ...options,
    }
    const refusal = await this.command(sessionStream(sessionId), 'session.create', data)
    if (refusal) throw new Error(refusal.message)
    return new SessionInHouse(this, sessionId)
  }

  /** Waits for an event of a type (the n-th, if it may come again) and gives it. */
  async until(
    type: string,
    options: { stream?: StreamId; nth?: number; within?: number } = {},
  ): Promise<RecordedEvent> {
    const deadline = Date.now() + (options.within ?? 60_000)
    for (;;) {
      const found = this.events.filter(
        (event) => event.type === type && (!options.stream || event.stream === options.stream),
      )[(options.nth ?? 1) - 1]
      if (found) return found
      if (Date.now() > deadline)
        throw new Error(
          `no ${type} came; there were:\n${this.events.map((event) => `${event.type} ${JSON.stringify(event.data).slice(0, 200)}`).join('\n')}\n${this.runnerSaid.join('\n')}`,
        )
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** Whether a process still runs; one that only waits to be reaped does not. */
export function isAlive(pid: string | number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat[stat.lastIndexOf(')') + 2] !== 'Z'
}

const patienceMs = 60_000

async function answered(answer: Promise<FromServer>, what: string): Promise<FromServer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${what}`)), patienceMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** One session of a house. */
export class SessionInHouse {
  readonly id: string
  readonly stream: StreamId
  readonly #house: House

  constructor(house: House, sessionId: string) {
    this.#house = house
    this.id = sessionId
    this.stream = sessionStream(sessionId)
  }

  get events(): RecordedEvent[] {
    return this.#house.events.filter((event) => event.stream === this.stream)
  }

  get types(): string[] {
    return this.events.map((event) => event.type)
  }

  /** The data of all events of a type. */
  data(type: string): Record<string, unknown>[] {
    return this.events.filter((event) => event.type === type).map((event) => event.data)
  }

  get state(): SessionState {
    const initial = initialState(this.#house.log, this.stream)
    if (!initial) throw new Error('sessions stand in workspace logs')
    return asSession(this.events.reduce(evolve, initial))
  }

  until(type: string, nth = 1, within = 60_000): Promise<RecordedEvent> {
    return this.#house.until(type, { stream: this.stream, nth, within })
  }

  command<T extends KnownCommand['type']>(type: T, data: CommandData<T>): Promise<Refusal | undefined> {
    return this.#house.command(this.stream, type, data)
  }

  send(text: string): Promise<Refusal | undefined> {
    return this.command('message.send', { messageId: newId(), text })
  }

  /** Asks for a git operation and waits for its end. */
  async git(operation: CommandData<'git.request'>['operation']): Promise<RecordedEvent> {
    const operationId = newId()
    const refusal = await this.command('git.request', { operationId, operation })
    if (refusal) throw new Error(refusal.message)
    const deadline = Date.now() + patienceMs
    for (;;) {
      const end = this.events.find(
        (event) =>
          event.data['operationId'] === operationId && (event.type === 'git.completed' || event.type === 'git.failed'),
      )
      if (end) return end
      if (Date.now() > deadline) throw new Error(`git ${operation.kind} did not end: ${this.types.join(', ')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  get worktree(): string {
    return this.state.path
  }
}
