import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
} from '@tanstack/virtual-core'
import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { nextIntent, type FollowEvent, type Intent } from './follow.ts'

export interface WindowSource {
  count(): number
  idAt(index: number): string
  indexOf(id: string): number
  estimate(index: number): number
  measured(index: number, height: number): void
}

/** Rows kept mounted beyond the edges; two screens' worth on touch comes from their height. */
const OVERSCAN = 8

/**
 * The mounted part of a long list. Ids, not indexes or virtual items, are what `For` runs over: an id keeps its DOM
 * through prepends and appends. The virtualiser alone writes `scrollTop`; positions are written here, straight to the
 * rows, outside Solid.
 */
export class ListWindow {
  readonly ids: Accessor<readonly string[]>
  readonly intent: Accessor<Intent>
  readonly #setIds: (ids: readonly string[]) => void
  readonly #setIntent: (intent: Intent) => void
  readonly #source: WindowSource
  readonly #rows = new Map<string, HTMLElement>()
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>
  #scroller: HTMLElement | null = null
  #space: HTMLElement | null = null
  /** Rows are placed once what is going on is done. */
  #quiet = false
  #lastTop = 0
  #userUntil = 0
  /** An article with the focus stays mounted, so that the focus never falls to the body. */
  #kept: string | undefined

  constructor(source: WindowSource) {
    this.#source = source
    const [ids, setIds] = createSignal<readonly string[]>([])
    const [intent, setIntent] = createSignal<Intent>('following')
    this.ids = ids
    this.intent = intent
    this.#setIds = setIds
    this.#setIntent = setIntent
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.#options())
    onCleanup(this.#virtualizer._didMount())
  }

  #options() {
    return {
      count: this.#source.count(),
      getScrollElement: () => this.#scroller,
      estimateSize: (index: number) => this.#source.estimate(index),
      getItemKey: (index: number) => this.#source.idAt(index),
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      overscan: OVERSCAN,
      paddingStart: 12,
      anchorTo: 'end' as const,
      // While somebody reads elsewhere nothing counts as the end, so that growth there cannot pin.
      scrollEndThreshold: this.intent() === 'following' ? 1 : -1,
      followOnAppend: this.intent() === 'following',
      rangeExtractor: (range: Range) => this.#range(range),
      measureElement: (row: HTMLElement, entry: ResizeObserverEntry | undefined) => this.#measure(row, entry),
      onChange: () => this.#quiet || this.#place(),
    }
  }

  /** The scroller and the tall element in it. */
  attach(scroller: HTMLElement, space: HTMLElement): void {
    this.#scroller = scroller
    this.#space = space
    const up = (event: Event) => {
      // A click on a row is no scrolling; one on the scroller itself is its thumb.
      if (event.type === 'pointerdown' && event.target !== scroller) return
      if (event instanceof KeyboardEvent && !SCROLL_KEYS.has(event.key)) return
      this.#userUntil = performance.now() + USER_SCROLL_MS
      if (isUp(event)) this.tell({ kind: 'gestureUp' })
    }
    for (const name of ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const) {
      scroller.addEventListener(name, up, { passive: true })
    }
    scroller.addEventListener('scroll', () => this.#scrolled(scroller), { passive: true })
    this.changed()
  }

  /** The list has other rows, or other heights than before. */
  changed(): void {
    this.#virtualizer.setOptions(this.#options())
    this.#quiet = true
    this.#virtualizer._willUpdate()
    this.#quiet = false
    if (this.intent() === 'following' && this.#scroller !== null) this.#goToEnd()
    this.#place()
  }

  /** Before rows are mounted: to ask the document for its end costs the layout of all that has changed in it. */
  #goToEnd(): void {
    this.#stretch()
    this.#virtualizer.scrollToEnd()
    // The scroller tells of its move in the next frame: rows at its top would be mounted only to leave in that one.
    const room = this.#virtualizer.scrollRect?.height ?? 0
    if (this.ids().length === 0) this.#virtualizer.scrollOffset = Math.max(0, this.#virtualizer.getTotalSize() - room)
  }

  #stretch(): void {
    if (this.#space) this.#space.style.height = `${this.#virtualizer.getTotalSize()}px`
  }

  /** Estimates and remembered heights no longer hold: the width or the font changed. */
  remeasure(): void {
    const place = this.intent() === 'reading' ? this.position() : undefined
    this.#virtualizer.measure()
    this.changed()
    if (place) this.restore(place)
  }

  tell(event: FollowEvent): void {
    const before = this.intent()
    const after = nextIntent(before, event)
    if (after !== before) {
      this.#setIntent(after)
      this.#virtualizer.setOptions(this.#options())
    }
    if (event.kind === 'jumpedToEnd') this.#virtualizer.scrollToEnd()
  }

  scrollTo(id: string, align: 'start' | 'center' | 'auto' = 'center'): void {
    const index = this.#source.indexOf(id)
    if (index < 0) return
    this.tell({ kind: 'gestureUp' })
    this.#virtualizer.scrollToIndex(index, { align })
  }

  /** Keeps a row mounted while it has the focus. */
  keep(id: string | undefined): void {
    this.#kept = id
  }

  rowOf(id: string): HTMLElement | undefined {
    return this.#rows.get(id)
  }

  /** Where to come back to: the first visible row and how far it is scrolled. */
  position(): { id: string; offset: number } | undefined {
    const top = this.#virtualizer.scrollOffset ?? 0
    const item = this.#virtualizer.getVirtualItemForOffset(top)
    return item === undefined ? undefined : { id: String(item.key), offset: top - item.start }
  }

  restore(position: { id: string; offset: number }): void {
    const index = this.#source.indexOf(position.id)
    if (index < 0) return
    this.tell({ kind: 'gestureUp' })
    const [start] = this.#virtualizer.getOffsetForIndex(index, 'start') ?? [0]
    this.#virtualizer.scrollToOffset(start + position.offset)
  }

  /** Gives a row its place before it is in the document. */
  mount(id: string, row: HTMLElement): void {
    this.#rows.set(id, row)
    const index = this.#source.indexOf(id)
    row.dataset['index'] = String(index)
    const item = this.#virtualizer.measurementsCache[index]
    if (item) row.style.transform = `translateY(${item.start}px)`
  }

  /** Once it is in the document its height is observed. */
  observe(row: HTMLElement): void {
    this.#virtualizer.measureElement(row)
  }

  unmount(id: string, row: HTMLElement): void {
    if (this.#rows.get(id) === row) this.#rows.delete(id)
    // Forgets rows that have left the document.
    queueMicrotask(() => this.#virtualizer.measureElement(null))
  }

  #range(range: Range): number[] {
    const from = Math.max(0, range.startIndex - range.overscan)
    const to = Math.min(range.count - 1, range.endIndex + range.overscan)
    const indexes: number[] = []
    for (let i = from; i <= to; i++) indexes.push(i)
    const kept = this.#kept === undefined ? -1 : this.#source.indexOf(this.#kept)
    if (kept >= 0 && kept < from) indexes.unshift(kept)
    else if (kept > to) indexes.push(kept)
    return indexes
  }

  /** Sizes come from the one observer's entries; nothing here asks the document for layout. */
  #measure(row: HTMLElement, entry: ResizeObserverEntry | undefined): number {
    const index = Number(row.dataset['index'])
    const size = entry?.borderBoxSize[0]?.blockSize
    if (size === undefined) return this.#virtualizer.measurementsCache[index]?.size ?? this.#source.estimate(index)
    const height = Math.round(size)
    this.#source.measured(index, height)
    return height
  }

  #place(): void {
    const items = this.#virtualizer.getVirtualItems()
    this.#stretch()
    const room = this.#virtualizer.scrollRect?.height ?? 0
    if (room > 0 && this.#virtualizer.getTotalSize() <= room) this.#setIntent('following')
    const ids = items.map((item) => String(item.key))
    const before = this.ids()
    for (const item of items) {
      const row = this.#rows.get(String(item.key))
      if (row === undefined) continue
      row.dataset['index'] = String(item.index)
      row.style.transform = `translateY(${item.start}px)`
    }
    if (ids.length !== before.length || ids.some((id, i) => id !== before[i])) this.#setIds(ids)
  }

  #scrolled(scroller: HTMLElement): void {
    const by = scroller.scrollTop - this.#lastTop
    this.#lastTop = scroller.scrollTop
    const toEnd = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop
    this.tell({ kind: 'moved', by, toEnd, byUser: performance.now() < this.#userUntil })
  }
}

const SCROLL_KEYS = new Set(['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' '])

/** A scroll this soon after a gesture is the reader's own; momentum on touch goes on for longer. */
const USER_SCROLL_MS = 1_200

function isUp(event: Event): boolean {
  if (event instanceof WheelEvent) return event.deltaY < 0
  if (event instanceof KeyboardEvent) return event.key === 'PageUp' || event.key === 'Home' || event.key === 'ArrowUp'
  return false
}
