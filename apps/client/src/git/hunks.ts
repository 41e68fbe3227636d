/** One line of a unified diff, with the numbers it has on each side. */
export interface DiffLine {
  readonly kind: 'context' | 'add' | 'del' | 'hunk'
  readonly before: number | undefined
  readonly after: number | undefined
  readonly text: string
  /** Ranges of `text` that differ from the line it replaces or is replaced by. */
  readonly words: readonly (readonly [from: number, to: number])[]
  /** The file ends here without a line end. */
  readonly endless?: true
}

/** A run of changed lines with what stands around them; where it begins on both sides, and how many lines of each it has. */
export interface Hunk {
  readonly before: number
  readonly beforeCount: number
  readonly after: number
  readonly afterCount: number
  /** What git says after the numbers: the function it is in. */
  readonly title: string
  /** The line with the numbers, as git wrote it. */
  readonly head: string
  readonly lines: readonly DiffLine[]
}

const HEAD = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/

/**
 * Reads the body of a unified diff; words are not marked yet. File heads are skipped, and a line is read as what the numbers
 * of its hunk say it is, so that a text that looks like a head is none.
 */
export function parseHunks(patch: string): Hunk[] {
  const hunks: { -readonly [K in keyof Hunk]: K extends 'lines' ? DiffLine[] : Hunk[K] }[] = []
  let before = 0
  let after = 0
  let beforeLeft = 0
  let afterLeft = 0
  for (const line of patch.split('\n')) {
    const hunk = hunks.at(-1)
    if (hunk && line.startsWith('\\')) {
      const last = hunk.lines.at(-1)
      if (last) hunk.lines[hunk.lines.length - 1] = { ...last, endless: true }
      continue
    }
    const sign = line[0]
    const text = line.slice(1)
    // Git counts right; agents do not always: past the numbers what looks like a line is one, and what looks like a head is none.
    const loose = !/^(--- |\+\+\+ )/.test(line)
    if (hunk && sign === '+' && (afterLeft > 0 || loose)) {
      hunk.lines.push({ kind: 'add', before: undefined, after: after++, text, words: [] })
      afterLeft -= 1
    } else if (hunk && sign === '-' && (beforeLeft > 0 || loose)) {
      hunk.lines.push({ kind: 'del', before: before++, after: undefined, text, words: [] })
      beforeLeft -= 1
    } else if (hunk && sign === ' ') {
      hunk.lines.push({ kind: 'context', before: before++, after: after++, text, words: [] })
      beforeLeft -= 1
      afterLeft -= 1
    } else {
      const head = HEAD.exec(line)
      if (!head) continue
      before = Number(head[1])
      after = Number(head[3])
      beforeLeft = Number(head[2] ?? 1)
      afterLeft = Number(head[4] ?? 1)
      hunks.push({
        before,
        beforeCount: beforeLeft,
        after,
        afterCount: afterLeft,
        title: head[5] ?? '',
        head: line,
        lines: [],
      })
    }
  }
  return hunks
}
