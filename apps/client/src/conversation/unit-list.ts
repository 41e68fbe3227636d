import { foldItems, type FoldContext, type Row, type Unit } from './units.ts'

interface Segment {
  items: Row[]
  units: readonly Unit[]
}

/**
 * The units of a whole session, kept by turn. A changed row folds its own turn again and no other; finding the unit
 * at an index is a binary search over the turns. Nothing is concatenated, so a long session costs what its newest
 * turn costs.
 */
export class UnitList {
  readonly #context: FoldContext
  #segments: Segment[] = []
  /** First unit index of each segment, and the total at the end. */
  #offsets: number[] = [0]
  #segmentOf = new Map<string, number>()
  #indexes = new Map<number, Map<string, number>>()

  constructor(context: FoldContext) {
    this.#context = context
  }

  get length(): number {
    return this.#offsets[this.#segments.length] ?? 0
  }

  at(index: number): Unit | undefined {
    if (index < 0 || index >= this.length) return undefined
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#offsets[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return this.#segments[low]?.units[index - (this.#offsets[low] ?? 0)]
  }

  /** Where a unit stands now, or -1. The id of a unit begins with its item's, or with its group's first item's. */
  indexOf(unit: Pick<Unit, 'id' | 'itemId'>): number {
    const segment = this.#segmentOf.get(unit.itemId)
    if (segment === undefined) return -1
    let index = this.#indexes.get(segment)
    if (index === undefined) {
      index = new Map(this.#segments[segment]?.units.map((one, i) => [one.id, i]))
      this.#indexes.set(segment, index)
    }
    const inside = index.get(unit.id)
    return inside === undefined ? -1 : (this.#offsets[segment] ?? 0) + inside
  }

  /** Takes all rows at once, in the order of the conversation. */
  replace(items: readonly Row[]): void {
    this.#segments = []
    this.#segmentOf.clear()
    this.#indexes.clear()
    let open: Segment | undefined
    for (const item of items) {
      const last = open?.items[open.items.length - 1]
      if (open === undefined || last === undefined || !sameStretch(last, item)) {
        open = { items: [], units: [] }
        this.#segments.push(open)
      }
      open.items.push(item)
      this.#segmentOf.set(item.itemId, this.#segments.length - 1)
    }
    for (const segment of this.#segments) segment.units = foldItems(segment.items, this.#context)
    this.#measure(0)
  }

  /**
   * Takes rows that changed, came, or moved within the newest turn. Answers false where a row belongs further back and
   * everything must be taken again with {@link replace}.
   */
  upsert(changed: readonly Row[]): boolean {
    const touched = new Set<number>()
    for (const item of changed) {
      const at = this.#segmentOf.get(item.itemId)
      const segment = at === undefined ? undefined : this.#segments[at]
      const index = segment?.items.findIndex((one) => one.itemId === item.itemId) ?? -1
      const old = segment?.items[index]
      if (at !== undefined && segment && old && old.seq === item.seq && old.turnId === item.turnId) {
        segment.items[index] = item
        touched.add(at)
        continue
      }
      if (old !== undefined) {
        if (at !== this.#segments.length - 1 || segment === undefined || segment.items.length === 1) return false
        segment.items.splice(index, 1)
      }
      if (!this.#append(item)) return false
      touched.add(this.#segments.length - 1)
    }
    this.#refold(touched)
    return true
  }

  /** Puts a row into the newest turn by its place, or begins a new stretch after it. */
  #append(item: Row): boolean {
    const tail = this.#segments[this.#segments.length - 1]
    const last = tail?.items[tail.items.length - 1]
    if (tail === undefined || last === undefined || (last.seq <= item.seq && !sameStretch(last, item))) {
      this.#segments.push({ items: [item], units: [] })
    } else {
      let place = tail.items.length
      while (place > 0 && (tail.items[place - 1]?.seq ?? 0) > item.seq) place--
      const before = tail.items[place - 1]
      if (before === undefined || !sameStretch(before, item) || !sameStretch(item, tail.items[place] ?? item))
        return false
      tail.items.splice(place, 0, item)
    }
    this.#segmentOf.set(item.itemId, this.#segments.length - 1)
    return true
  }

  /** Folds again the turns of these items: their fold state or their number of chunks changed. */
  refold(itemIds: Iterable<string>): void {
    const touched = new Set<number>()
    for (const id of itemIds) {
      const segment = this.#segmentOf.get(id)
      if (segment !== undefined) touched.add(segment)
    }
    this.#refold(touched)
  }

  #refold(touched: ReadonlySet<number>): void {
    let lowest = Infinity
    for (const at of touched) {
      const segment = this.#segments[at]
      if (segment === undefined) continue
      segment.units = foldItems(segment.items, this.#context)
      this.#indexes.delete(at)
      lowest = Math.min(lowest, at)
    }
    if (lowest !== Infinity) this.#measure(lowest)
  }

  #measure(from: number): void {
    this.#offsets.length = this.#segments.length + 1
    this.#offsets[0] = 0
    for (let i = from; i < this.#segments.length; i++) {
      this.#offsets[i + 1] = (this.#offsets[i] ?? 0) + (this.#segments[i]?.units.length ?? 0)
    }
  }
}

/** Rows between turns (the worktree, a queued message's neighbours) belong to no turn and fold by themselves. */
const sameStretch = (a: Row, b: Row): boolean => a.turnId === b.turnId && (a.turnId !== '' || b.kind !== 'user')
