import type { RunActivity } from '@coppice/events'
import type { Happening } from '../agents/happenings.ts'
import type { RunnerContext } from '../runner-context.ts'
import type { LiveFeed } from './live-feed.ts'
import type { StepChange } from './tree-changes.ts'
import type { TurnParts } from './turn-parts.ts'

/** At most one word in so many milliseconds, and never one that is older than that. */
export const activityEveryMs = 250
const mostFiles = 50

/** What an agent is at, in one turn: told as it changes to all who may see the session, and kept with the turn's end. */
export class Activity {
  readonly #context: Pick<RunnerContext, 'activity' | 'now' | 'redaction'>
  readonly #of: { readonly log: TurnParts['address']['log']; readonly session: string; readonly turnId: string }
  readonly #feed: LiveFeed
  readonly #calls = new Set<string>()
  readonly #created = new Set<string>()
  readonly #edited = new Set<string>()
  #lastTool = ''
  #lastFile = ''
  #tokens = 0
  #lastUpdate: number
  #sentAt = -Infinity
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor({ context, address, sessionId, turnId, feed }: TurnParts) {
    this.#context = context
    this.#of = { log: address.log, session: sessionId, turnId }
    this.#feed = feed
    this.#lastUpdate = context.now()
  }

  happened(happening: Happening): void {
    if (happening.kind === 'tool') {
      const { callId, family, title, target } = happening.call
      this.#calls.add(callId)
      this.#lastTool = title || family
      if (family !== 'run' && family !== 'search' && family !== 'fetch' && target !== '') this.#lastFile = target
    } else if (happening.kind === 'usage') {
      const { inputTokens = 0, outputTokens = 0 } = happening.usage
      this.#tokens = inputTokens + outputTokens
    }
    this.#changed()
  }

  /** A step has changed these files, as git says. */
  files(changes: readonly StepChange[]): void {
    for (const { path, patch } of changes) {
      const created = patch.includes('\nnew file mode ') || this.#created.has(path)
      const list = created ? this.#created : this.#edited
      if (list.size < mostFiles) list.add(path)
      this.#lastFile = path
    }
    if (changes.length > 0) this.#changed()
  }

  /** The turn is over. @returns what stays of it */
  end(): RunActivity {
    clearTimeout(this.#timer)
    this.#over = true
    this.#send()
    return this.#now()
  }

  #changed(): void {
    if (this.#over) return
    this.#lastUpdate = this.#context.now()
    const wait = this.#sentAt + activityEveryMs - performance.now()
    if (wait <= 0) return this.#send()
    this.#timer ??= setTimeout(() => this.#send(), wait)
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sentAt = performance.now()
    this.#context.activity({ ...this.#of, activity: this.#now(), over: this.#over })
  }

  #now(): RunActivity {
    return this.#context.redaction.data({
      lastTool: this.#lastTool.slice(0, 200),
      lastFile: this.#lastFile.slice(0, 1_000),
      filesCreated: [...this.#created],
      filesEdited: [...this.#edited],
      toolCalls: this.#calls.size,
      totalTokens: this.#tokens,
      lastUpdate: this.#lastUpdate,
      summary: this.#feed.latest,
    })
  }
}
