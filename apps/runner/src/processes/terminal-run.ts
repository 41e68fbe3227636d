import { spawn, type IPty } from '@lydell/node-pty'
import { idIn } from '@coppice/events'
import { TERMINAL_CLOSED, terminalInputSchema, type TerminalNews } from '@coppice/protocol'
import type { WebSocket } from 'ws'
import { endMarked, homeMarker, runMarker, signalQuietly } from '../agents/process-sweep.ts'
import type { Redaction } from '../agents/redaction.ts'
import type { Worktree } from '../git/worktree.ts'
import { passedEnvironment } from '../passed-environment.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { inSandbox } from '../sandbox/in-sandbox.ts'
import { sessionVariables, terminalVariables } from './process-environment.ts'
import type { ProcessEnd, ProcessRun, StopReason } from './process-run.ts'
import { ScrollBack } from './scroll-back.ts'

/** What is printed is gathered for so long, ms; a program that prints more than this meanwhile waits. */
const gatherMs = 12
const mostGathered = 128 * 1024
/** What could begin a secret is held back for so long, ms: else the echo of a letter would wait for the next. */
const holdMs = 120
/** Bytes that wait for a viewer; one that is slower is sent away, and comes back for the end of it. */
const mostWaiting = 4 * 1024 * 1024
const graceMs = 2_000
/** A terminal that nobody has looked at for so long is ended, ms. */
const unseenMs = 12 * 3_600_000

/** A shell on a pseudo-terminal in a session's worktree (TR-6). Members type into it; whoever looks sees the same. */
export class TerminalRun implements ProcessRun {
  readonly runId: string
  readonly ended: Promise<ProcessEnd>
  readonly #pty: IPty
  readonly #redaction: Redaction
  readonly #viewers = new Set<WebSocket>()
  readonly #scrollBack = new ScrollBack()
  #size = { columns: 100, rows: 30 }
  #gathered = ''
  #held = ''
  #gathering: NodeJS.Timeout | undefined
  #holding: NodeJS.Timeout | undefined
  #unseen: NodeJS.Timeout | undefined
  #stopped: StopReason | undefined

  private constructor(runId: string, pty: IPty, redaction: Redaction) {
    this.runId = runId
    this.#pty = pty
    this.#redaction = redaction
    pty.onData((text) => this.#take(text))
    this.ended = new Promise<{ exitCode: number }>((resolve) => pty.onExit(resolve)).then(({ exitCode }) =>
      this.#end(exitCode),
    )
    this.#watchUnseen()
  }

  /**
   * Tells that the terminal opens, then opens it.
   * @returns nothing where the log does not want it any more
   */
  static async start(parts: {
    context: RunnerContext
    address: Address
    sessionId: string
    runId: string
    worktree: Worktree
    cause: Cause
  }): Promise<TerminalRun | undefined> {
    const { context, address, sessionId, runId, worktree, cause } = parts
    const workspaceId = idIn(address.log)
    const { ports, variables } = await sessionVariables(context, sessionId)
    const shell = context.env['SHELL'] ?? 'sh'
    const launch = await inSandbox(context, {}, workspaceId, sessionId, {
      command: shell,
      args: [],
      env: { ...terminalVariables(context, workspaceId), ...variables, PORT: String(ports.first) },
    })
    const told = await context.observe(
      address,
      'process.started',
      { runId, name: 'Terminal', command: shell.slice(0, 8_000), ports },
      cause,
      'started',
    )
    if (!told) return undefined
    const env = {
      ...passedEnvironment(context.env),
      ...launch.env,
      [runMarker]: runId,
      [homeMarker]: context.dataFolder,
    }
    const pty = spawn(launch.command, [...launch.args], {
      cwd: worktree.path,
      env,
      cols: 100,
      rows: 30,
      name: 'xterm-256color',
    })
    return new TerminalRun(runId, pty, context.redaction)
  }

  /** Somebody looks, and types if they may. */
  attach(viewer: WebSocket, write: boolean): void {
    this.#flush()
    tell(viewer, { k: 'begin', write, ...this.#size })
    const { text } = this.#scrollBack
    if (text !== '') viewer.send(Buffer.from(text), { binary: true })
    this.#viewers.add(viewer)
    clearTimeout(this.#unseen)
    viewer.on('message', (data) => write && this.#input(String(data)))
    viewer.once('close', () => {
      this.#viewers.delete(viewer)
      if (this.#viewers.size === 0) this.#watchUnseen()
    })
  }

  stop(why: StopReason): void {
    this.#stopped ??= why
    // A shell that asks before it ends is not asked.
    signalQuietly(-this.#pty.pid, 'SIGHUP')
    setTimeout(() => signalQuietly(-this.#pty.pid, 'SIGKILL'), graceMs).unref()
  }

  #input(text: string): void {
    const parsed = terminalInputSchema.safeParse(JSON.parse(text))
    if (!parsed.success) return
    const input = parsed.data
    if (input.k === 'input') return this.#pty.write(input.text)
    const { columns, rows } = input
    if (columns === this.#size.columns && rows === this.#size.rows) return
    this.#size = { columns, rows }
    this.#pty.resize(columns, rows)
    for (const viewer of this.#viewers) tell(viewer, { k: 'size', columns, rows })
  }

  #take(text: string): void {
    this.#gathered += text
    this.#gathering ??= setTimeout(() => this.#flush(), gatherMs)
    if (this.#gathered.length > mostGathered) this.#pty.pause()
  }

  #flush(): void {
    clearTimeout(this.#gathering)
    clearTimeout(this.#holding)
    this.#gathering = undefined
    if (this.#gathered.length > mostGathered) this.#pty.resume()
    const { clean, held } = this.#redaction.release(this.#held + this.#gathered)
    this.#gathered = ''
    this.#held = held
    this.#show(clean)
    if (held !== '') this.#holding = setTimeout(() => this.#letGo(), holdMs)
  }

  #letGo(): void {
    const held = this.#held
    this.#held = ''
    this.#show(this.#redaction.rest(held))
  }

  #show(text: string): void {
    if (text === '') return
    this.#scrollBack.add(text)
    const bytes = Buffer.from(text)
    for (const viewer of this.#viewers) {
      if (viewer.bufferedAmount > mostWaiting) viewer.close(TERMINAL_CLOSED.slow, 'Too slow for what is printed.')
      else viewer.send(bytes, { binary: true })
    }
  }

  #watchUnseen(): void {
    const why: StopReason = {
      status: 'canceled',
      message: `Nobody had looked at it for ${unseenMs / 3_600_000} hours.`,
    }
    this.#unseen = setTimeout(() => this.stop(why), unseenMs)
    this.#unseen.unref()
  }

  async #end(exitCode: number): Promise<ProcessEnd> {
    clearTimeout(this.#unseen)
    // What it left in the background belongs to it.
    await endMarked(runMarker, this.runId, graceMs)
    this.#flush()
    this.#letGo()
    clearTimeout(this.#holding)
    for (const viewer of this.#viewers) viewer.close(TERMINAL_CLOSED.gone, 'The terminal has ended.')
    return { ...(this.#stopped ?? { status: 'completed' }), exitCode }
  }
}

const tell = (viewer: WebSocket, news: TerminalNews): void => viewer.send(JSON.stringify(news))
