import type { Row, Unit } from './units.ts'

/** Widths fall into buckets of so many pixels: within one, a remembered height is exact enough to start from. */
const WIDTH_BUCKET = 16

/** Lines are the type scale's; paddings are the rows'. Constants where the row is one line, whatever it says. */
const LINE = { tool: 28, start: 26, system: 26, read: 22, code: 18 }
const PADDING = { user: 58, agent: 18, block: 60 }

/** Estimates are kept within these bounds, so that one wild guess cannot move the scrollbar far. */
const LEAST = 20
const MOST = 4_000

/** How far a measured row may pull its kind's correction. */
const PULL = 0.1

/** How far estimates were off, by kind of row: learnt in every session of this page, used for rows not yet estimated. */
const corrections = new Map<Unit['kind'], number>()

/**
 * Heights before they are measured, and for good after. An estimate comes from the spine's numbers and the width, with
 * a running correction for each kind of row; a measured height is remembered by unit, revision and width.
 */
export class Heights {
  readonly #measured = new Map<string, number>()
  /** Estimates once given do not change: a better guess later would move rows above the reader. */
  readonly #given = new Map<string, number>()
  #width = 720

  /** Takes the width of the text column; answers whether remembered heights no longer hold. */
  resize(width: number): boolean {
    const before = Math.round(this.#width / WIDTH_BUCKET)
    this.#width = width
    return Math.round(width / WIDTH_BUCKET) !== before
  }

  of(unit: Unit, row: Row | undefined, open: boolean): number {
    const key = this.#key(unit, row, open)
    const known = this.#measured.get(key)
    if (known !== undefined) return known
    const given = this.#given.get(key)
    if (given !== undefined) return given
    const guess = this.#guess(unit, row, open) * (corrections.get(unit.kind) ?? 1)
    const estimate = Math.round(Math.min(MOST, Math.max(LEAST, guess)))
    this.#given.set(key, estimate)
    return estimate
  }

  remember(unit: Unit, row: Row | undefined, open: boolean, height: number): void {
    const key = this.#key(unit, row, open)
    if (this.#measured.get(key) === height) return
    this.#measured.set(key, height)
    const guess = this.#guess(unit, row, open)
    const old = corrections.get(unit.kind) ?? 1
    corrections.set(unit.kind, old + PULL * (Math.min(3, Math.max(0.3, height / guess)) - old))
  }

  #key(unit: Unit, row: Row | undefined, open: boolean): string {
    return `${unit.id} ${row?.revision ?? 0} ${open ? 1 : 0} ${Math.round(this.#width / WIDTH_BUCKET)}`
  }

  #guess(unit: Unit, row: Row | undefined, open: boolean): number {
    if (row === undefined) return LINE.tool
    const charsPerLine = Math.max(20, (this.#width - 24) / 7)
    const lines = (Math.ceil(row.textLength / charsPerLine) + row.lineCount) / unit.parts
    switch (unit.kind) {
      case 'group':
      case 'replaced':
        return LINE.tool
      case 'tool':
        return open ? LINE.tool + Math.min(180, 14 + Math.max(1, row.lineCount) * LINE.code) : LINE.tool
      case 'thinking':
      case 'instructions':
        return open ? LINE.tool + lines * 20 : LINE.tool
      case 'user':
        return PADDING.user + lines * LINE.read
      case 'agent':
      case 'summary':
        return PADDING.agent + lines * LINE.read
      case 'plan':
        return PADDING.block + 4 * 24
      case 'action':
        return row.status === 'pending' ? 260 : PADDING.block + LINE.system
      case 'approval':
        return row.status === 'pending' ? 230 : LINE.system
      case 'hook_failure':
        return PADDING.block + Math.min(180, row.lineCount * LINE.code)
      case 'start':
      case 'system':
      case 'turn_end':
        return Math.max(1, Math.ceil(row.textLength / charsPerLine)) * LINE.system
    }
  }
}
