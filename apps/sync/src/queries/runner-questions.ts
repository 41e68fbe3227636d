import { INSTANCE_LOG, newId, sessionStream, workspaceLog, type LogId, type StreamId } from '@coppice/events'
import type { FromClient, FromServer, QueryRequest } from '@coppice/protocol'
import type { Directory } from '../access/directory.ts'
import { mayAsk } from '../access/may-ask.ts'
import type { OtherServers } from '../cluster/other-servers.ts'
import type { Peer } from '../connection/peer.ts'
import type { Principal } from '../principal.ts'
import { OpenQueries } from './open-queries.ts'

type Query = Extract<FromClient, { t: 'query' }>
type QueryResult = Extract<FromClient, { t: 'queryResult' }>
type Asker = Pick<Peer, 'send'>

export interface RunnerQuestionsOptions {
  readonly directory: Directory
  /** The runner that has a session now. */
  readonly holderOf: (log: LogId, stream: StreamId) => Promise<string | undefined>
  /** Runners that are connected, here or to another server. */
  readonly online: () => readonly string[]
  /** The runner's socket, where it is connected to this server. */
  readonly here: (runnerId: string) => Peer | undefined
  readonly others: () => OtherServers | undefined
  readonly report: (error: unknown) => void
}

/** Questions to runners: who may ask them, whom they go to, and the way there, through this server or another one. */
export class RunnerQuestions {
  readonly #options: RunnerQuestionsOptions
  readonly #open = new OpenQueries()

  constructor(options: RunnerQuestionsOptions) {
    this.#options = options
  }

  /** A client asks. */
  ask(query: Query, principal: Principal, peer: Peer): void {
    const { directory, online, report } = this.#options
    const log = query.log as LogId
    const inspects = query.request.kind === 'repository.inspect'
    const allowed =
      inspects && log === INSTANCE_LOG
        ? directory.mayBegin(principal, 'workspace:new' as LogId)
        : directory.mayRead(principal, log)
    if (!allowed || principal.kind !== 'user' || !mayAsk(query.request, principal, log, directory))
      return peer.send({
        t: 'queryResult',
        id: query.id,
        answer: { ok: false, code: 'forbidden', message: 'You may not ask this.' },
      })
    const workspace = directory.workspace(log.slice('workspace:'.length))
    const { request, runnerId } = query
    // Secrets are each runner's own, also those of one that stands in.
    const standIn =
      runnerId !== undefined && request.kind.startsWith('secrets.') && workspace?.standIns?.includes(runnerId) === true
    const id = standIn ? runnerId : (workspace?.runnerId ?? runnerId ?? online()[0] ?? '')
    const asked = { ...query, by: principal.id }
    if ((workspace?.standIns ?? []).length === 0 || !('sessionId' in request)) return this.#ask(asked, peer, id)
    this.#options
      .holderOf(log, sessionStream(request.sessionId))
      .then((holder = id) => this.#ask(asked, peer, holder))
      .catch(report)
  }

  /** Asks the runner of a session in the server's own name; answered also where nobody is there. */
  askOurselves(workspaceId: string, request: QueryRequest): Promise<Record<string, unknown>> {
    const { directory, holderOf } = this.#options
    const log = workspaceLog(workspaceId)
    const own = directory.workspace(workspaceId)?.runnerId ?? ''
    return new Promise((resolve, reject) => {
      const asker = { send: (message: FromServer) => message.t === 'queryResult' && resolve(message.answer) }
      const ask = (id: string): void => this.#ask({ t: 'query', id: newId(), log, request }, asker, id)
      const session = 'sessionId' in request ? sessionStream(request.sessionId) : undefined
      if (!session) return ask(own)
      holderOf(log, session).then((holder = own) => ask(holder), reject)
    })
  }

  /** Another server passes on what its client asks a runner that is connected here. */
  askFor(server: string, runnerId: string, query: Query): void {
    const send = (answer: FromServer): void => {
      if (answer.t !== 'queryResult') return
      this.#options.others()?.tell({ m: 'answer', to: server, runnerId, result: answer })
    }
    this.#open.ask(query, { send }, { id: runnerId, way: this.#options.here(runnerId) })
  }

  answered(result: QueryResult, runnerId: string): void {
    this.#open.answered(result, runnerId)
  }

  /** Whether there is a way to a runner. */
  reaches(runnerId: string): boolean {
    return this.#wayTo(runnerId) !== undefined
  }

  /** The runner has gone from where it was asked: nobody need wait for its answers. */
  runnerGone(runnerId: string): void {
    this.#open.runnerGone(runnerId)
  }

  askerGone(peer: Peer): void {
    this.#open.askerGone(peer)
  }

  #ask(query: Query, asker: Asker, runnerId: string): void {
    this.#open.ask(query, asker, { id: runnerId, way: this.#wayTo(runnerId) })
  }

  /** The runner's socket, or the server that has it. */
  #wayTo(runnerId: string): Parameters<OpenQueries['ask']>[2]['way'] {
    const { here, others } = this.#options
    const socket = here(runnerId)
    if (socket) return socket
    const to = others()?.serverOf(runnerId)
    return to === undefined ? undefined : { send: (query) => others()?.tell({ m: 'query', to, runnerId, query }) }
  }
}
