import { parseHunks, type DiffLine } from './hunks.ts'

/** The lines of a unified diff, each hunk under a line of its own, with the words marked that differ. */
export const parsePatch = (patch: string): DiffLine[] =>
  parseHunks(patch).flatMap((hunk) => [
    { kind: 'hunk' as const, before: undefined, after: undefined, text: hunk.head, words: [] },
    ...markWords(hunk.lines),
  ])

/** Marks the words that differ where a run of removed lines stands against as many added ones. */
export function markWords(lines: readonly DiffLine[]): DiffLine[] {
  const marked = [...lines]
  let i = 0
  while (i < marked.length) {
    if (marked[i]?.kind !== 'del') {
      i++
      continue
    }
    const dels = runLength(marked, i, 'del')
    const adds = runLength(marked, i + dels, 'add')
    for (let n = 0; n < Math.min(dels, adds); n++) {
      const del = marked[i + n]
      const add = marked[i + dels + n]
      if (del === undefined || add === undefined) continue
      const [a, b] = changedMiddle(del.text, add.text)
      marked[i + n] = { ...del, words: a }
      marked[i + dels + n] = { ...add, words: b }
    }
    i += dels + adds
  }
  return marked
}

function runLength(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): number {
  let n = 0
  while (lines[from + n]?.kind === kind) n++
  return n
}

type Ranges = readonly (readonly [number, number])[]

/** Where two lines differ between their common beginning and end, at word borders; nothing where they share too little. */
function changedMiddle(a: string, b: string): [Ranges, Ranges] {
  const left = wordsOf(a)
  const right = wordsOf(b)
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start++
  let end = 0
  while (
    end < left.length - start &&
    end < right.length - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  )
    end++
  const lengthOf = (words: readonly string[]) => words.reduce((sum, word) => sum + word.length, 0)
  const head = lengthOf(left.slice(0, start))
  const tail = lengthOf(left.slice(left.length - end))
  const shared = (head + tail) / Math.max(1, Math.min(a.length, b.length))
  if (shared < 0.3 || a.trim() === '' || b.trim() === '') return [[], []]
  const range = (text: string): Ranges => (text.length - tail > head ? [[head, text.length - tail]] : [])
  return [range(a), range(b)]
}

const wordsOf = (text: string): string[] => text.match(/\w+|\s+|[^\w\s]/g) ?? []

/** The few lines that show what changed: up to `count`, from one line before the first change. */
export function excerpt(lines: readonly DiffLine[], count: number): readonly DiffLine[] {
  const body = lines.filter((line) => line.kind !== 'hunk')
  const first = body.findIndex((line) => line.kind !== 'context')
  const from = Math.max(0, first - 1)
  return body.slice(from, from + count)
}
