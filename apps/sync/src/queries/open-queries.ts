import { randomUUID } from 'node:crypto'
import type { FromClient } from '@coppice/protocol'
import type { Peer } from '../connection/peer.ts'
import { LIMITS } from '../limits.ts'

type Query = Extract<FromClient, { t: 'query' }>
type QueryResult = Extract<FromClient, { t: 'queryResult' }>

/** Where an answer goes: a client, or another server whose client asks. */
type Asker = Pick<Peer, 'send'>
/** The way to a runner: its socket, or another server. */
type RunnerWay = { send(query: Query): void }

interface Open {
  readonly askedBy: Asker
  readonly askedAs: string
  readonly runnerId: string
  readonly timer: NodeJS.Timeout
}

/** Questions on their way between clients and runners. Each is answered once: by the runner, or by us when it cannot. */
export class OpenQueries {
  readonly #open = new Map<string, Open>()

  /** Passes a question on. The ids are ours on the runner's side: two clients may use the same one. */
  ask(query: Query, askedBy: Asker, runner: { id: string; way: RunnerWay | undefined }): void {
    if (this.#count(askedBy) >= LIMITS.openQueries)
      return answer(
        askedBy,
        query.id,
        'rate_limited',
        `${LIMITS.openQueries} questions are open already. Wait for some answers.`,
      )
    if (runner.way === undefined)
      return answer(
        askedBy,
        query.id,
        'runner_away',
        'The runner of this workspace is not connected right now. Start it and try again.',
      )
    const id = randomUUID()
    const timer = setTimeout(() => {
      this.#open.delete(id)
      answer(askedBy, query.id, 'timeout', `The runner has not answered within ${LIMITS.queryMs / 1000} seconds.`)
    }, LIMITS.queryMs)
    timer.unref()
    this.#open.set(id, { askedBy, askedAs: query.id, runnerId: runner.id, timer })
    runner.way.send({ ...query, id })
  }

  /** A runner's answer. One that nobody waits for, or of another runner's question, is ignored. */
  answered(result: QueryResult, runnerId: string): void {
    const open = this.#open.get(result.id)
    if (open?.runnerId !== runnerId) return
    this.#end(result.id, open)
    open.askedBy.send({ t: 'queryResult', id: open.askedAs, answer: result.answer })
  }

  /** The runner has gone: nobody need wait for it. */
  runnerGone(runnerId: string): void {
    for (const [id, open] of this.#open) {
      if (open.runnerId !== runnerId) continue
      this.#end(id, open)
      answer(
        open.askedBy,
        open.askedAs,
        'runner_away',
        'The runner went away before it answered. Try again when it is back.',
      )
    }
  }

  askerGone(peer: Asker): void {
    for (const [id, open] of this.#open) if (open.askedBy === peer) this.#end(id, open)
  }

  #end(id: string, open: Open): void {
    clearTimeout(open.timer)
    this.#open.delete(id)
  }

  #count(peer: Asker): number {
    let count = 0
    for (const open of this.#open.values()) if (open.askedBy === peer) count += 1
    return count
  }
}

function answer(peer: Asker, id: string, code: string, message: string): void {
  peer.send({ t: 'queryResult', id, answer: { ok: false, code, message } })
}
