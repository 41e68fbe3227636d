import type { ItemRow } from '@coppice/events'
import type { Conversation, Replica } from '@coppice/replica'
import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { parseBlocks, type Block } from './blocks.ts'
import { CHUNK_CHARS, chunkStarts } from './chunks.ts'
import { Folds } from './folds.ts'
import { Heights } from './heights.ts'
import { LiveTexts, type LiveBuffer } from './live.ts'
import { foldReplaced, isReplaced, type Replaced } from './replaced.ts'
import { Stream } from './stream.ts'
import { UnitList } from './unit-list.ts'
import type { Row, Unit } from './units.ts'
import { ListWindow } from './window.ts'

/** A message's blocks and where its chunks begin, kept for its revision. */
interface Parsed {
  readonly revision: number
  readonly blocks: readonly Block[]
  readonly starts: readonly number[]
}

/** Bodies and parses kept; beyond it the oldest go and are made again when they are seen again. */
const PARSED_KEPT = 600

/** One row of the conversation that tells of the worktree; it is made from the session's own row. */
export const START_ID = 'start'
const startRow: Row = {
  itemId: START_ID,
  kind: 'start',
  seq: -1,
  turnId: '',
  parentId: '',
  status: 'done',
  family: '',
  textLength: 0,
  lineCount: 0,
  revision: 0,
}

/** Live rows stand after every row that has its event. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER

/** More changed rows than this at once are taken as a whole new spine. */
const MANY = 200

/**
 * One open session: spine, bodies, live buffers, folds and the window over them, kept apart. A delta reaches one
 * buffer and its row; a committed row one spine entry; scrolling neither.
 */
export class ConversationModel {
  readonly sessionId: string
  readonly source: Conversation
  readonly window: ListWindow
  readonly live: LiveTexts
  readonly folds: Folds
  readonly units: UnitList
  readonly heights = new Heights()
  /** Grows with every change of rows; what shows counts reads it. */
  readonly version: Accessor<number>
  /** Whether all of the conversation is on this device. */
  readonly whole: Accessor<boolean>
  readonly #bump: () => void
  readonly #rows = new Map<string, Row>()
  readonly #byId = new Map<string, Unit>()
  readonly #parsed = new Map<string, Parsed>()
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly #streams = new Map<string, Stream>()
  readonly #wanted = new Set<string>()
  readonly #pendingApprovals = new Set<string>()
  readonly #replacedNow: () => Replaced
  #replaced: Replaced = []
  /** Only the newest rows are here: what was before them is not, nor is the row of the start. */
  #partial = false

  constructor(replica: Replica, sessionId: string) {
    this.sessionId = sessionId
    this.source = replica.openConversation(sessionId)
    this.folds = new Folds(sessionId)
    this.#replacedNow = () => replica.rows('sessions').get(sessionId)?.replaced ?? []
    const [version, setVersion] = createSignal(0)
    this.version = version
    const [whole, setWhole] = createSignal(true)
    this.whole = whole
    this.#bump = () => setVersion((n) => n + 1)
    this.units = new UnitList({
      isOpen: (id, fallback) => this.folds.isOpen(id, fallback),
      partsOf: (row) => this.#partsOf(row),
    })
    this.live = new LiveTexts({
      appeared: (buffer) => this.#appeared(buffer),
      gap: () => replica.requestLiveState(sessionId),
    })
    this.window = new ListWindow({
      count: () => this.units.length,
      idAt: (index) => this.units.at(index)?.id ?? `gone-${index}`,
      indexOf: (id) => {
        const unit = this.#byId.get(id) ?? unitNamed(id)
        return this.units.indexOf(unit)
      },
      estimate: (index) => this.#estimate(index),
      measured: (index, height) => {
        const unit = this.units.at(index)
        if (unit) this.heights.remember(unit, this.#rows.get(unit.itemId), this.isOpen(unit), height)
      },
    })
    const stopRows = this.source.onChange((changed) => {
      setWhole(this.source.whole())
      this.#take(changed)
    })
    const stopLive = replica.onLive((live) => live.session === sessionId && this.live.take(live))
    const stopSession = replica.onRows((changed) => {
      if (changed.get('sessions')?.has(sessionId) && this.#replacedNow() !== this.#replaced) this.#takeAll()
    })
    this.#takeAll()
    onCleanup(() => {
      stopSession()
      stopRows()
      stopLive()
      this.live.close()
      this.source.close()
    })
  }

  row(itemId: string): Row | undefined {
    return this.#rows.get(itemId)
  }

  unit(id: string): Unit | undefined {
    const known = this.#byId.get(id)
    const at = this.units.indexOf(known ?? unitNamed(id))
    const unit = at < 0 ? known : this.units.at(at)
    if (unit) this.#byId.set(id, unit)
    return unit
  }

  /** Whether the row is shown opened: what the person chose, else what its kind and state call for. */
  isOpen(unit: Unit): boolean {
    const fallback = unit.kind === 'group' ? false : this.#opensByItself(this.#rows.get(unit.itemId))
    return this.folds.isOpen(unit.id, fallback)
  }

  /** Whether a rewind replaced this row. */
  isReplaced(itemId: string): boolean {
    const row = this.#rows.get(itemId)
    return row !== undefined && isReplaced(row, this.#replaced)
  }

  /** Sub-agents and changes are open; a command while it runs and where it failed. */
  #opensByItself(row: Row | undefined): boolean {
    if (row?.kind !== 'tool') return row?.kind === 'plan' || row?.kind === 'hook_failure'
    if (row.family === 'edit' || row.family === 'write' || row.family === 'agent') return true
    return row.family === 'run' && (row.status === 'failed' || row.status === 'working')
  }

  toggle(unit: Unit): void {
    this.folds.set(unit.id, !this.isOpen(unit))
    if (unit.kind === 'replaced') return this.#takeAll()
    this.window.tell({ kind: 'toggled' })
    this.units.refold([unit.itemId])
    this.#notify(unit.itemId)
    this.#bump()
    this.window.changed()
  }

  /** The body of a row, asked for where it is not here yet. Follows the row's revision. */
  body(itemId: string): Accessor<ItemRow | undefined> {
    const [seen, setSeen] = createSignal(0)
    const notice = () => setSeen((n) => n + 1)
    const watchers = this.#watchers.get(itemId) ?? new Set()
    this.#watchers.set(itemId, watchers)
    watchers.add(notice)
    onCleanup(() => {
      watchers.delete(notice)
      if (watchers.size === 0) this.#watchers.delete(itemId)
    })
    if (itemId !== START_ID && this.source.body(itemId) === undefined) this.want(itemId)
    return () => {
      seen()
      return this.source.body(itemId)
    }
  }

  #notify(itemId: string): void {
    for (const notice of this.#watchers.get(itemId) ?? []) notice()
  }

  /** Whether a tool call waits for a person: its approval is asked and not answered. */
  awaits(toolId: string): boolean {
    for (const id of this.#pendingApprovals) {
      const body = this.source.body(id)
      if (body === undefined) this.want(id)
      else if (body.detail.toolId === toolId && body.detail.state === 'pending') return true
    }
    return false
  }

  #trackApproval(row: Row): void {
    if (row.kind !== 'approval') return
    if (row.status === 'pending') this.#pendingApprovals.add(row.itemId)
    else this.#pendingApprovals.delete(row.itemId)
  }

  /** Gathers what rows need and asks for it once. */
  want(itemId: string): void {
    if (this.#rows.get(itemId)?.live === true) return
    if (this.#wanted.size === 0) {
      queueMicrotask(() => {
        const ids = [...this.#wanted]
        this.#wanted.clear()
        void this.#load(ids)
      })
    }
    this.#wanted.add(itemId)
  }

  async #load(ids: readonly string[]): Promise<void> {
    await this.source.load(ids)
    for (const id of ids) this.#notify(id)
    // Only for what has come: what is not there would be asked for again at once, and the page would do nothing else.
    if (ids.some((id) => this.#pendingApprovals.has(id) && this.source.body(id) !== undefined)) this.#bump()
    this.#recut(ids)
  }

  /** The blocks of a message: of its body, or of what has come so far. */
  parsed(itemId: string): Parsed | undefined {
    const row = this.#rows.get(itemId)
    if (row === undefined) return undefined
    const known = this.#parsed.get(itemId)
    if (known && known.revision === row.revision) return known
    const body = this.source.body(itemId)
    if (body === undefined) return undefined
    const blocks = this.#finalBlocks(itemId, body.text)
    const fresh = { revision: row.revision, blocks, starts: chunkStarts(blocks) }
    this.#parsed.delete(itemId)
    this.#parsed.set(itemId, fresh)
    const oldest = this.#parsed.keys().next().value
    if (this.#parsed.size > PARSED_KEPT && oldest !== undefined) this.#parsed.delete(oldest)
    return fresh
  }

  /** A message that was streamed keeps the blocks it has: nothing mounts again when its event comes. */
  #finalBlocks(itemId: string, text: string): readonly Block[] {
    const stream = this.#streams.get(itemId)
    if (stream === undefined) return parseBlocks(text)
    this.#streams.delete(itemId)
    return stream.finish(text)
  }

  /** The growing blocks of a message that is being written; undefined once it is whole. */
  stream(itemId: string): Stream | undefined {
    return this.#streams.get(itemId)
  }

  /** Everything anew, for a new width of the column. */
  resized(width: number): void {
    if (this.heights.resize(width)) this.window.remeasure()
  }

  #estimate(index: number): number {
    const unit = this.units.at(index)
    return unit === undefined ? 24 : this.heights.of(unit, this.#rows.get(unit.itemId), this.isOpen(unit))
  }

  #partsOf(row: Row): number {
    if (row.live === true) return this.#streams.get(row.itemId)?.parts ?? 1
    if (row.textLength <= CHUNK_CHARS) return 1
    return this.parsed(row.itemId)?.starts.length ?? 1
  }

  #recut(ids: readonly string[]): void {
    const long = ids.filter((id) => (this.#rows.get(id)?.textLength ?? 0) > CHUNK_CHARS)
    if (long.length === 0) return
    this.units.refold(long)
    this.window.changed()
  }

  #takeAll(): void {
    const spine = this.source.spine()
    this.#partial = this.source.partial() || !this.source.whole()
    this.#takeRows(this.#partial ? spine : [startRow, ...spine])
  }

  #takeRows(all: readonly Row[]): void {
    this.#replaced = this.#replacedNow()
    const delivered = all.filter((item) => item.queue === undefined || item.queue === 0)
    const rows = foldReplaced(delivered, this.#replaced, (id) => this.folds.isOpen(id, false))
    const known = new Set(rows.map((row) => row.itemId))
    for (const row of this.#rows.values()) if (row.live === true && !known.has(row.itemId)) rows.push(row)
    this.#rows.clear()
    this.#pendingApprovals.clear()
    for (const row of rows) {
      this.#rows.set(row.itemId, row)
      this.#trackApproval(row)
    }
    this.units.replace(rows)
    this.#bump()
    this.window.changed()
  }

  #take(changed: readonly string[]): void {
    const found = changed.length > MANY ? undefined : findRows(this.source.spine(), changed)
    const rows = found?.filter((row) => row.queue === 0 && row.revision !== this.#rows.get(row.itemId)?.revision) ?? []
    const gone = (found?.length ?? 0) < changed.length
    if (found === undefined || this.#partial) this.#takeAll()
    else if (gone || rows.some((row) => isReplaced(row, this.#replaced)) || !this.#upsert(rows)) this.#takeAll()
    const seen = changed.length > MANY ? Array.from(this.#watchers.keys()) : changed
    for (const id of seen) {
      // A running tool has its row already; its output is still on its way.
      if (this.source.body(id) && this.#rows.get(id)?.status !== 'working') this.live.drop(id)
      this.#notify(id)
    }
  }

  #upsert(rows: readonly Row[]): boolean {
    if (rows.length === 0) return true
    if (!this.units.upsert(rows)) return false
    for (const row of rows) {
      this.#rows.set(row.itemId, row)
      this.#trackApproval(row)
    }
    this.#bump()
    this.window.changed()
    return true
  }

  /** A text began to come whose event is not here yet: its row stands at the end until then. */
  #appeared(buffer: LiveBuffer): void {
    if (buffer.channel === 'output' || this.#rows.has(buffer.itemId)) return
    const row: Row = {
      itemId: buffer.itemId,
      kind: buffer.channel,
      seq: AFTER_ALL,
      turnId: buffer.turnId,
      parentId: '',
      status: 'working',
      family: '',
      textLength: 0,
      lineCount: 0,
      revision: 0,
      live: true,
    }
    if (buffer.channel === 'agent') {
      const stream = new Stream(() => {
        this.units.refold([row.itemId])
        this.window.changed()
      })
      this.#streams.set(row.itemId, stream)
      this.live.listen(row.itemId, (text) => stream.take(text))
    }
    if (!this.units.upsert([row])) return
    this.#rows.set(row.itemId, row)
    this.#bump()
    this.window.changed()
  }
}

/** The rows with these ids; looked for from the end, where nearly all changes are. */
function findRows<T extends { itemId: string }>(spine: readonly T[], ids: readonly string[]): T[] {
  const wanted = new Set(ids)
  const found: T[] = []
  for (let i = spine.length - 1; i >= 0 && wanted.size > 0; i--) {
    const row = spine[i]
    if (row !== undefined && wanted.delete(row.itemId)) found.push(row)
  }
  return found.reverse()
}

/** What the id of a unit says of its item. */
function unitNamed(id: string): { id: string; itemId: string } {
  if (id.startsWith('group:')) return { id, itemId: id.slice('group:'.length) }
  const cut = id.indexOf('#')
  return { id, itemId: cut < 0 ? id : id.slice(0, cut) }
}
