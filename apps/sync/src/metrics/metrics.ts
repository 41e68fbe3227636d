import { monitorEventLoopDelay } from 'node:perf_hooks'
import { STREAMS, type LogId } from '@coppice/events'
import type { RunningStore } from '../store/running-store.ts'
import { Counter, Gauge, Histogram, type Instrument } from './instruments.ts'

/** What the connections look like at one moment. */
export interface ConnectionFigures {
  readonly clients: number
  readonly runners: number
  readonly subscriptions: number
  /** The most that waits in one socket, bytes. */
  readonly mostBuffered: number
}

/** Of one set of labels. */
type Counted = ReturnType<Counter['with']>

const COMMAND_TYPES = new Set(Object.values(STREAMS).flatMap((stream) => Object.keys(stream.commands)))
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

/** What a server tells its operators at `/metrics`. No label has more values than this code has words (OB-1). */
export class Metrics {
  readonly #commands = new Counter('coppice_commands_total', 'Commands that were answered, by type and outcome.')
  readonly #events = new Counter('coppice_events_total', 'Events stored or read from other servers, by kind of log.')
  readonly #appendSeconds = new Histogram('coppice_append_seconds', 'How long storing a commit takes.', SECONDS)
  readonly #commitEvents = new Histogram('coppice_commit_events', 'Events in a commit.', SIZES)
  readonly #storeCalls = new Counter('coppice_store_calls_total', 'Calls of the store, by method and outcome.')
  readonly #messages = new Counter('coppice_messages_total', 'Messages from clients and runners, by kind.')
  readonly #delay = monitorEventLoopDelay({ resolution: 20 })
  readonly #instruments: readonly Instrument[]
  readonly #answers = { accepted: new Map<string, Counted>(), refused: new Map<string, Counted>() }
  readonly #kinds = new Map<string, Counted>()
  readonly #logKinds = new Map<string, Counted>()
  sentBytes = 0
  #connections: () => ConnectionFigures = () => ({ clients: 0, runners: 0, subscriptions: 0, mostBuffered: 0 })
  #storeWaiting = 0

  constructor() {
    const connections = (pick: (figures: ConnectionFigures) => number) => () =>
      [[{}, pick(this.#connections())]] as const
    this.#instruments = [
      this.#commands,
      this.#events,
      this.#appendSeconds,
      this.#commitEvents,
      this.#storeCalls,
      this.#messages,
      new Gauge('coppice_connections', 'Open WebSockets, by who is at the far end.', () => {
        const { clients, runners } = this.#connections()
        return [
          [{ kind: 'client' }, clients],
          [{ kind: 'runner' }, runners],
        ]
      }),
      new Gauge(
        'coppice_subscriptions',
        'Logs that are followed.',
        connections((one) => one.subscriptions),
      ),
      new Gauge(
        'coppice_socket_buffer_bytes',
        'The most that waits in one socket.',
        connections((one) => one.mostBuffered),
      ),
      new Gauge('coppice_store_waiting', 'Calls of the store that are not answered yet.', () => [
        [{}, this.#storeWaiting],
      ]),
      new Gauge('coppice_sent_bytes', 'Bytes of messages since the start.', () => [[{}, this.sentBytes]]),
      new Gauge('coppice_event_loop_delay_seconds', 'How late timers are, since the last time this was asked.', () => {
        // Watching costs a little: only once somebody asks.
        this.#delay.enable()
        const [mean, most] = [this.#delay.mean / 1e9, this.#delay.max / 1e9]
        this.#delay.reset()
        return [
          [{ is: 'mean' }, Number.isFinite(mean) ? mean : 0],
          [{ is: 'most' }, most],
        ]
      }),
      new Gauge('coppice_memory_bytes', 'Memory of the process.', () => {
        const { rss, heapUsed, external } = process.memoryUsage()
        return [
          [{ kind: 'resident' }, rss],
          [{ kind: 'heap' }, heapUsed],
          [{ kind: 'external' }, external],
        ]
      }),
    ]
  }

  /** Everything in Prometheus' text format. */
  text(): string {
    return `${this.#instruments.flatMap((one) => one.lines()).join('\n')}\n`
  }

  answered(type: string, outcome: 'accepted' | 'refused'): void {
    const known = COMMAND_TYPES.has(type) ? type : 'unknown'
    this.#counted(this.#answers[outcome], known, () => this.#commands.with({ type: known, outcome })).count += 1
  }

  received(kind: string): void {
    this.#counted(this.#kinds, kind, () => this.#messages.with({ kind })).count += 1
  }

  committed(log: LogId, events: number): void {
    const kind = log.slice(0, Math.max(0, log.indexOf(':'))) || log
    this.#counted(this.#logKinds, kind, () => this.#events.with({ log: kind })).count += events
    this.#commitEvents.observe(events)
  }

  #counted(known: Map<string, Counted>, name: string, make: () => Counted): Counted {
    let counted = known.get(name)
    if (counted === undefined) known.set(name, (counted = make()))
    return counted
  }

  connectionsFrom(read: () => ConnectionFigures): void {
    this.#connections = read
  }

  /** The same store, with its calls counted and its appends timed. */
  around(store: RunningStore): RunningStore {
    const counted = <A extends unknown[], R>(method: string, call: (...args: A) => Promise<R>) => {
      const done = this.#storeCalls.with({ method, outcome: 'done' })
      const failed = this.#storeCalls.with({ method, outcome: 'failed' })
      return async (...args: A): Promise<R> => {
        const began = performance.now()
        this.#storeWaiting += 1
        let outcome = failed
        try {
          const answer = await call(...args)
          outcome = done
          return answer
        } finally {
          this.#storeWaiting -= 1
          outcome.count += 1
          if (method === 'append') this.#appendSeconds.observe((performance.now() - began) / 1_000)
        }
      }
    }
    return {
      ...store,
      append: counted('append', store.append),
      readLog: counted('readLog', store.readLog),
      readStream: counted('readStream', store.readStream),
      findReceipts: counted('findReceipts', store.findReceipts),
      query: counted('query', store.query),
    }
  }
}
