/** What a text holds: where whole forms stand (from, to; overlapping ones as one), and how much of its end could begin one. */
export type Found = {
  readonly ranges: readonly (readonly [from: number, to: number])[]
  /** Length of the longest end of the text that is the beginning of a form and not all of it. */
  readonly open: number
  /** That beginning is at least half of a form. */
  readonly mostly: boolean
}

/**
 * Finds any of many texts in one pass (Aho and Corasick, "Efficient string matching", CACM 18, 1975). The state after the last
 * letter is the longest end that could still become one of them: just what a stream has to hold back.
 *
 * Nodes are numbers; their children are a list of siblings, so that a thousand long keys cost a few arrays.
 */
export class Matcher {
  readonly #roots = new Int32Array(0x10000)
  readonly #unit: Uint16Array
  readonly #child: Int32Array
  readonly #sibling: Int32Array
  /** The node of the longest proper end that is a beginning, too. */
  readonly #fallback: Int32Array
  readonly #depth: Int32Array
  /** Length of the longest form that ends at the node; 0 for none. */
  readonly #ends: Int32Array
  /** Length of the shortest form that goes through the node. */
  readonly #shortest: Int32Array
  #nodes = 1

  constructor(forms: readonly string[]) {
    const most = forms.reduce((sum, form) => sum + form.length, 1)
    this.#unit = new Uint16Array(most)
    const table = (): Int32Array => new Int32Array(most)
    this.#child = table()
    this.#sibling = table()
    this.#fallback = table()
    this.#depth = table()
    this.#ends = table()
    this.#shortest = table()
    for (const form of forms) this.#add(form)
    this.#link()
  }

  find(text: string): Found {
    const ranges: [number, number][] = []
    let node = 0
    for (let at = 0; at < text.length; at += 1) {
      node = this.#next(node, text.charCodeAt(at))
      const length = at32(this.#ends, node)
      if (length === 0) continue
      let from = at + 1 - length
      for (let last = ranges.at(-1); last && last[1] > from; last = ranges.at(-1)) {
        from = Math.min(from, last[0])
        ranges.pop()
      }
      ranges.push([from, at + 1])
    }
    // A form that is whole may also be the beginning of a longer one; what is only whole is not open.
    while (node !== 0 && at32(this.#child, node) === 0) node = at32(this.#fallback, node)
    const open = at32(this.#depth, node)
    return { ranges, open, mostly: open > 0 && open * 2 >= at32(this.#shortest, node) }
  }

  #add(form: string): void {
    let node = 0
    for (let at = 0; at < form.length; at += 1) {
      const unit = form.charCodeAt(at)
      let next = this.#childOf(node, unit)
      if (next === 0) {
        next = this.#nodes
        this.#nodes += 1
        this.#unit[next] = unit
        this.#depth[next] = at + 1
        this.#shortest[next] = form.length
        if (node === 0) this.#roots[unit] = next
        this.#sibling[next] = at32(this.#child, node)
        this.#child[node] = next
      }
      this.#shortest[next] = Math.min(at32(this.#shortest, next), form.length)
      node = next
    }
    this.#ends[node] = form.length
  }

  /** Breadth first: a node's fallback is higher up, and is linked before it. */
  #link(): void {
    const waiting = new Int32Array(this.#nodes)
    let end = 0
    for (let one = at32(this.#child, 0); one !== 0; one = at32(this.#sibling, one)) waiting[end++] = one
    for (let at = 0; at < end; at += 1) {
      const node = at32(waiting, at)
      for (let child = at32(this.#child, node); child !== 0; child = at32(this.#sibling, child)) {
        const back = this.#next(at32(this.#fallback, node), this.#unit[child] ?? 0)
        this.#fallback[child] = back
        if (at32(this.#ends, child) === 0) this.#ends[child] = at32(this.#ends, back)
        waiting[end++] = child
      }
    }
  }

  #next(from: number, unit: number): number {
    for (let node = from; node !== 0; node = at32(this.#fallback, node)) {
      const child = this.#childOf(node, unit)
      if (child !== 0) return child
    }
    return at32(this.#roots, unit)
  }

  #childOf(node: number, unit: number): number {
    if (node === 0) return at32(this.#roots, unit)
    let child = at32(this.#child, node)
    while (child !== 0 && this.#unit[child] !== unit) child = at32(this.#sibling, child)
    return child
  }
}

const at32 = (table: Int32Array, index: number): number => table[index] ?? 0
