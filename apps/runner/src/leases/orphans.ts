import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { asSessionEvent, idIn } from '@coppice/events'
import type { DraftEvent } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import { safeId } from '../git/worktree.ts'
import type { Address, RunnerContext } from '../runner-context.ts'

/** They only say how something was cleared away; alone they are no run. */
const endings: readonly string[] = ['agent.exited', 'approval.withdrawn', 'checkpoint.stored', 'conflicts.found']
const mostText = 7_500

/**
 * What this runner saw of sessions that another one had taken over meanwhile: on disk until it stands beside the session,
 * as a record and an event that names it. Never mixed into the session, never dropped.
 */
export class Orphans {
  readonly #folder: string
  readonly #submitting = new Set<string>()

  constructor(dataFolder: string) {
    this.#folder = path.join(dataFolder, 'orphans')
  }

  /** Keeps a fact that was refused as fenced. On the disk when this returns. */
  keep(event: DraftEvent): void {
    mkdirSync(this.#folder, { recursive: true })
    const file = `${safeId(idIn(event.log))}.${safeId(idIn(event.stream))}.${event.producer?.lease ?? 0}.jsonl`
    appendFileSync(path.join(this.#folder, file), `${JSON.stringify(event)}\n`, { mode: 0o600, flush: true })
  }

  /** Hands over what is kept and has not been, but for sessions of which more is on its way. */
  submit(context: RunnerContext, isWaiting: (stream: string) => boolean): void {
    for (const file of this.#files()) {
      if (this.#submitting.has(file)) continue
      const events = readEvents(path.join(this.#folder, file))
      const [first] = events
      if (!first || isWaiting(first.stream)) continue
      this.#submitting.add(file)
      this.#handOver(context, file, first, events)
        .catch((error: unknown) => context.say(`An orphaned run waits in ${this.#folder}/${file}: ${String(error)}`))
        .finally(() => this.#submitting.delete(file))
    }
  }

  async #handOver(context: RunnerContext, file: string, address: Address, kept: readonly DraftEvent[]): Promise<void> {
    const { log, stream } = address
    // Some may have been stored before the session changed hands, and only the answer was lost.
    const stored = new Set((await context.readSession({ log, stream })).map(({ id }) => id))
    const events = [...new Map(kept.map((event) => [event.id, event])).values()].filter(({ id }) => !stored.has(id))
    if (events.some(({ type }) => !endings.includes(type))) {
      const bytes = Buffer.from(`${events.map((event) => JSON.stringify(event)).join('\n')}\n`)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      await context.storeBlob(idIn(log), sha256, bytes, 'application/x-ndjson')
      const data = {
        orphanId: derivedId(stream, sha256),
        runnerId: context.runnerId,
        epoch: events[0]?.producer?.lease ?? 0,
        events: events.length,
        text: summaryOf(events),
        record: { sha256, size: bytes.length },
      }
      const cause = { id: events[0]?.causationId ?? sha256, correlationId: events[0]?.correlationId ?? sha256 }
      if (!(await context.observe({ log, stream }, 'run.orphaned', data, cause, sha256))) return
    }
    rmSync(path.join(this.#folder, file))
  }

  #files(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.jsonl'))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  }
}

function readEvents(file: string): DraftEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as DraftEvent]))
}

/** What was said and done, the newest where it is long. */
function summaryOf(events: readonly DraftEvent[]): string {
  const lines = events.flatMap((draft) => {
    const event = asSessionEvent(draft)
    if (event?.type === 'message.added') return [event.data.text]
    if (event?.type === 'tool.finished')
      return [`[${event.data.title ?? 'tool'} ${event.data.target ?? ''}: ${event.data.outcome}]`]
    if (event?.type === 'turn.ended') return [`[the turn ended: ${event.data.outcome}]`]
    return []
  })
  const text = lines.join('\n')
  return text.length <= mostText ? text : `[…] ${text.slice(-mostText)}`
}
