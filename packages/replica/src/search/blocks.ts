import type { SearchQuery } from './query.ts'
import type { LinesFor } from './lookup.ts'
import { beginOf, wordOf } from './part.ts'

/** So many signs are read where one word is wanted. */
const BLOCK_LENGTH = 6_000
const BETWEEN_LINES = ';'

/** Lines of a part that are stored together. */
export interface Block {
  /** The word of its first line. */
  readonly first: string
  readonly body: string
}

/** Cuts a part's lines into blocks, each a little over the length; a line is never cut. */
export function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = []
  let from = 0
  let length = 0
  for (const [index, line] of lines.entries()) {
    length += line.length + 1
    if (length < BLOCK_LENGTH && index < lines.length - 1) continue
    const part = lines.slice(from, index + 1)
    blocks.push({ first: wordOf(part[0] ?? ''), body: part.join(BETWEEN_LINES) })
    from = index + 1
    length = 0
  }
  return blocks
}

export const linesOf = (body: string): readonly string[] => body.split(BETWEEN_LINES)

/** Which of a part's blocks, by their first words, can have a line that the query asks for. */
export function blocksFor(query: SearchQuery, firsts: readonly string[]): readonly number[] {
  const wanted = new Set<number>()
  for (const { words, prefix } of query) {
    for (const [index, word] of words.entries()) {
      let at = Math.max(0, lastUpTo(firsts, word))
      if (firsts.length > 0) wanted.add(at)
      if (!prefix || index < words.length - 1) continue
      for (at += 1; firsts[at]?.startsWith(word) === true; at += 1) wanted.add(at)
    }
  }
  return [...wanted]
}

/** Index of the last that is not greater; -1 where all are. */
function lastUpTo(sorted: readonly string[], word: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? '') <= word) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Finds lines in the bodies of blocks. */
export function linesIn(bodies: readonly string[]): LinesFor {
  const framed = bodies.map((body) => BETWEEN_LINES + body + BETWEEN_LINES)
  return (word, prefix) => {
    const sought = BETWEEN_LINES + (prefix ? word : beginOf(word))
    const lines: string[] = []
    for (const body of framed) {
      for (let at = body.indexOf(sought); at !== -1; at = body.indexOf(sought, at + 1)) {
        lines.push(body.slice(at + 1, body.indexOf(BETWEEN_LINES, at + 1)))
        if (!prefix) break
      }
    }
    return lines
  }
}
