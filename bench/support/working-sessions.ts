import { makeCommand, newId, sessionStream, WORKSPACE_STREAM, workspaceLog, type Command } from '@coppice/events'
import { setTimeout as pause } from 'node:timers/promises'
import { closeLoadSocket, openLoadSocket } from './load-client.ts'
import type { ServerReady } from './processes.ts'

/** Minutes of what agents do: words, commands with output, files that change. */
const LONG_WORK = Array.from({ length: 40 }, (_, n) =>
  [
    'The parser reads one line after the other and keeps what it has not understood for the end. '.repeat(4),
    `\`\`\`sh\nfor i in $(seq 1 40); do echo "line $i of step ${n}"; sleep 0.02; done\n\`\`\``,
    `\`\`\`file path=src/step-${n}.txt\nstep ${n}\n\`\`\``,
  ].join('\n\n'),
).join('\n\n')

type State = 'idle' | 'working'

/** Sessions of one workspace with agents of the Script provider, on a real runner. */
export class WorkingSessions {
  readonly ids: readonly string[]
  /** To be called before the server is stopped. */
  readonly close: () => void
  readonly #push: (commands: readonly Command[]) => Promise<void>
  readonly #states: ReadonlyMap<string, State>
  readonly #log: ReturnType<typeof workspaceLog>

  private constructor(
    ids: readonly string[],
    log: ReturnType<typeof workspaceLog>,
    states: ReadonlyMap<string, State>,
    push: (commands: readonly Command[]) => Promise<void>,
    close: () => void,
  ) {
    this.close = close
    this.ids = ids
    this.#log = log
    this.#states = states
    this.#push = push
  }

  /** Makes them; each has had a first, short turn when its state is `idle`. */
  static async create(
    { url, ownerToken, runnerId }: ServerReady,
    repo: string,
    count: number,
  ): Promise<WorkingSessions> {
    const states = new Map<string, State>()
    const heard = new Set<string>()
    const got = { receipts: 0 }
    const workspaceId = newId()
    const log = workspaceLog(workspaceId)
    const ids = Array.from({ length: count }, () => newId())
    const target = {
      kind: 'coppice' as const,
      url,
      token: ownerToken,
      log,
      epoch: '',
      head: 0,
      workspaceId,
      sessionIds: ids,
    }
    const socket = await openLoadSocket(target, (text) => {
      const message = JSON.parse(text) as {
        t: string
        events?: { type: string; stream: string }[]
        result?: { kind: string }
      }
      if (message.t === 'receipt') {
        if (message.result?.kind !== 'accepted') throw new Error(`A command of the load was refused: ${text}`)
        got.receipts += 1
      }
      for (const { type, stream } of message.events ?? []) {
        heard.add(type)
        const id = stream.slice('session/'.length)
        if (type === 'turn.started') states.set(id, 'working')
        if (type === 'turn.ended') states.set(id, 'idle')
        if (type === 'worktree.failed') throw new Error(`A session of the load has no worktree: ${text}`)
      }
    })
    const push = async (commands: readonly Command[]): Promise<void> => {
      const wanted = got.receipts + commands.length
      socket.send(JSON.stringify({ t: 'push', commands }))
      while (got.receipts < wanted) await pause(5)
    }
    const stamp = (): { id: string; now: number } => ({ id: newId(), now: Date.now() })
    const source = { kind: 'path' as const, path: repo }
    const workspace = { workspaceId, name: 'bench', source, runnerId, creatorName: 'Bench' }
    await push([makeCommand({ log, stream: WORKSPACE_STREAM }, 'workspace.create', workspace, stamp())])
    socket.send(JSON.stringify({ t: 'subscribe', log, epoch: '', position: 0 }))
    while (!heard.has('workspace.repositoryReady')) await pause(20)
    await push(
      ids.map((sessionId, n) => {
        const how = {
          mode: 'develop',
          provider: 'script',
          model: 'script',
          baseBranch: 'main',
          stepMode: 'auto',
        } as const
        const message = { messageId: newId(), text: 'Begin.\n\n```sh\necho begun\n```' }
        const data = { sessionId, workspaceId, name: `Session ${n}`, ...how, message }
        return makeCommand({ log, stream: sessionStream(sessionId) }, 'session.create', data, stamp())
      }),
    )
    return new WorkingSessions(ids, log, states, push, () => closeLoadSocket(socket))
  }

  /** Settles when all of them are at that. */
  async all(state: State): Promise<void> {
    while (this.ids.some((id) => this.#states.get(id) !== state)) await pause(20)
  }

  /** Gives each of them minutes of work. */
  work(): Promise<void> {
    return this.#push(
      this.ids.map((id) =>
        makeCommand(
          { log: this.#log, stream: sessionStream(id) },
          'message.send',
          { messageId: newId(), text: LONG_WORK },
          { id: newId(), now: Date.now() },
        ),
      ),
    )
  }

  /** How many work now. */
  working(): number {
    return this.ids.filter((id) => this.#states.get(id) === 'working').length
  }
}
