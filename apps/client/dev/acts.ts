import {
  INSTANCE_LOG,
  INSTANCE_STREAM,
  makeCommand,
  makeObservation,
  newId,
  runnerStream,
  sessionStream,
  workspaceLog,
  WORKSPACE_STREAM,
  type CommandData,
  type DraftEvent,
  type EventId,
  type KnownCommand,
  type SessionEvent,
  type Toggle,
  type WorkspaceEvent,
  type RunnerEvent,
} from '@coppice/events'
import type { StandInServer } from './stand-in-server.ts'

type Observed = SessionEvent | WorkspaceEvent | RunnerEvent

const correlated = (id: string) => ({ causationId: id, correlationId: id })

/** A session as a fixture writes it: what people did, and what the runner saw, at times of the fixture's choosing. */
export class SessionScript {
  readonly server: StandInServer
  readonly workspaceId: string
  readonly sessionId: string
  /** The time of what comes next. */
  at: number

  constructor(server: StandInServer, workspaceId: string, sessionId: string, at: number) {
    this.server = server
    this.workspaceId = workspaceId
    this.sessionId = sessionId
    this.at = at
  }

  get address() {
    return { log: workspaceLog(this.workspaceId), stream: sessionStream(this.sessionId) }
  }

  person<T extends KnownCommand['type']>(type: T, data: CommandData<T>, userId?: string): void {
    const problem = this.server.decide(
      makeCommand(this.address, type, data, { id: newId(), now: this.at }),
      userId,
      this.at,
    )
    if (problem !== undefined) throw new Error(`${type}: ${problem}`)
  }

  saw<T extends Observed['type']>(type: T, data: Extract<Observed, { type: T }>['data']): void {
    const id = newId()
    const event: DraftEvent = {
      ...this.address,
      id: id as EventId,
      type,
      schemaVersion: 1,
      actor: { kind: 'runner', id: 'oak-2' },
      ...correlated(id),
      occurredAt: this.at,
      data: data as Record<string, unknown>,
    }
    this.server.append([event], this.at)
  }

  later(ms: number): this {
    this.at += ms
    return this
  }
}

/** People, the runner and a workspace: what every fixture begins with. */
export function settle(server: StandInServer, at: number, people: readonly { userId: string; name: string }[]): void {
  for (const [index, { userId, name }] of people.entries()) {
    const command = makeCommand(
      { log: INSTANCE_LOG, stream: INSTANCE_STREAM },
      'user.join',
      { userId, name, role: index === 0 ? 'owner' : 'member' },
      { id: newId(), now: at },
    )
    server.decide(command, userId, at)
  }
}

export function registerRunner(
  server: StandInServer,
  at: number,
  providers: Extract<RunnerEvent, { type: 'runner.reported' }>['data']['providers'],
): void {
  const address = { log: INSTANCE_LOG, stream: runnerStream('oak-2') }
  server.decide(
    makeCommand(address, 'runner.register', { runnerId: 'oak-2', name: 'oak-2' }, { id: newId(), now: at }),
    server.userId,
    at,
  )
  const id = newId()
  server.append(
    [
      makeObservation(
        address,
        'runner.reported',
        { host: 'oak', gitVersion: '2.47.1', providers },
        { id, now: at, actor: { kind: 'runner', id: 'oak-2' }, ...correlated(id) },
      ),
    ],
    at,
  )
  server.runners.push('oak-2')
}

export function addWorkspace(
  server: StandInServer,
  at: number,
  workspaceId: string,
  name: string,
  others: readonly { userId: string; name: string }[],
): void {
  const address = { log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }
  const send = <T extends KnownCommand['type']>(type: T, data: CommandData<T>, by = server.userId) => {
    const problem = server.decide(makeCommand(address, type, data, { id: newId(), now: at }), by, at)
    if (problem !== undefined) throw new Error(`${type}: ${problem}`)
  }
  send('workspace.create', {
    workspaceId,
    name,
    source: { kind: 'path', path: `/home/mara/code/${name}` },
    runnerId: 'oak-2',
    creatorName: server.userName,
  })
  for (const { userId, name: memberName } of others) {
    const invitationId = newId()
    send('workspace.invite', { invitationId, role: 'member', expiresAt: at + 86_400_000 })
    send('workspace.acceptInvitation', { invitationId, userId, name: memberName }, userId)
  }
  const id = newId()
  server.append(
    [
      makeObservation(
        address,
        'workspace.repositoryReady',
        {
          starterBranch: 'main',
          branches: ['main', 'release/2.4', 'spike/queue'],
          head: '3f2c1ab9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f',
        },
        { id, now: at, actor: { kind: 'runner', id: 'oak-2' }, ...correlated(id) },
      ),
    ],
    at,
  )
}

/** What tests make happen elsewhere: another person answers, an agent says something. */
export function othersIn(server: StandInServer) {
  const pending = new Map<string, string>()
  const note = (event: { type: string; stream: string; data: Record<string, unknown> }) => {
    if (event.type === 'approval.requested') pending.set(event.stream, String(event.data['approvalId']))
  }
  for (const event of server.allEvents()) note(event)
  server.onEvent(note)
  const scriptOf = (sessionId: string) =>
    new SessionScript(server, server.workspaceOf(sessionId), sessionId, Date.now())
  return {
    answerAs(userId: string, sessionId: string, decision: 'reject' | 'allow_once') {
      const approvalId = pending.get(sessionStream(sessionId)) ?? ''
      scriptOf(sessionId).person('approval.answer', { approvalId, decision }, userId)
    },
    /** A call of the model in the turn that runs: how full the context is now. */
    measured(sessionId: string, contextUsed: number, contextLimit: number) {
      const script = scriptOf(sessionId)
      const started = server
        .allEvents()
        .findLast((event) => event.type === 'turn.started' && event.stream === sessionStream(sessionId))
      const tokens = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0.01 }
      const usage = { provider: 'qwen', model: 'm', ...tokens, source: 'reported' as const, contextUsed, contextLimit }
      script.saw('usage.measured', { turnId: String(started?.data['turnId']), itemId: newId(), usage })
    },
    say(sessionId: string, text: string) {
      scriptOf(sessionId).saw('message.added', { messageId: newId(), kind: 'agent', text, completeness: 'whole' })
    },
  }
}

/** A toggle that new sessions of a workspace begin with. */
export function setDefault(server: StandInServer, workspaceId: string, toggle: Toggle, at: number): void {
  const address = { log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }
  const command = makeCommand(address, 'workspace.setToggle', { toggle, on: true }, { id: newId(), now: at })
  server.decide(command, server.userId, at)
}
