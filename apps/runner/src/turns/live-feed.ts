import type { LogId } from '@coppice/events'
import type { LiveItem } from '@coppice/protocol'
import type { RunnerContext } from '../runner-context.ts'

type TextItem = Extract<LiveItem, { kind: 'text' }>

/** Deltas are gathered for so long before they are sent, ms: one frame of a reader's patience, not one message a token. */
export const windowMs = 85
const mostLatest = 200

/** The live channel of one session: neighbouring pieces of one text are joined, and all leave in their order. */
export class LiveFeed {
  readonly #context: Pick<RunnerContext, 'live' | 'now'>
  readonly #log: LogId
  readonly #sessionId: string
  #items: LiveItem[] = []
  #timer: NodeJS.Timeout | undefined
  /** The end of the newest text, at most 200 characters. */
  latest = ''
  #latestOf = ''

  constructor(context: Pick<RunnerContext, 'live' | 'now'>, log: LogId, sessionId: string) {
    this.#context = context
    this.#log = log
    this.#sessionId = sessionId
  }

  text(item: Omit<TextItem, 'kind' | 'at'>): void {
    if (item.text === '') return
    this.latest = ((this.#latestOf === item.itemId ? this.latest : '') + item.text).slice(-mostLatest)
    this.#latestOf = item.itemId
    const last = this.#items.at(-1)
    if (last?.kind === 'text' && last.itemId === item.itemId && last.offset + last.text.length === item.offset) {
      this.#items[this.#items.length - 1] = { ...last, text: last.text + item.text }
    } else this.#add({ kind: 'text', at: this.#context.now(), ...item })
    this.#timer ??= setTimeout(() => this.flush(), windowMs)
  }

  /** The item is whole; its event is on its way. Sent at once. */
  end(itemId: string): void {
    this.#add({ kind: 'end', itemId })
    this.flush()
  }

  /** Long work with numbers; an empty step ends it. */
  progress(step: string, detail: string, numbers: { done?: number; total?: number } = {}): void {
    this.#add({ kind: 'progress', step, detail, ...numbers })
    this.flush()
  }

  /** Files changed: a git status asked before now is stale. */
  worktreeChanged(): void {
    this.#add({ kind: 'worktree', revision: this.#context.now() })
    this.#timer ??= setTimeout(() => this.flush(), windowMs)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#items.length === 0) return
    const items = this.#items
    this.#items = []
    this.#context.live(this.#log, this.#sessionId, items)
  }

  #add(item: LiveItem): void {
    this.#items.push(item)
  }
}
