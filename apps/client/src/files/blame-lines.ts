import { diffIndices } from 'node-diff3'
import type { BlamedLines } from './blame-gutter.ts'

/**
 * What had each line of a text first, from what is known of the file's lines: those that differ are not saved yet. Pure.
 * @param runs lines of the file from 1, and what had them first
 */
export function blameLines(
  file: string,
  text: string,
  runs: readonly { readonly line: number; readonly count: number; readonly by: string }[],
): BlamedLines {
  const known: string[] = []
  for (const { line, count, by } of runs) for (let n = 0; n < count; n += 1) known[line - 1 + n] = by
  const before = file.split('\n')
  const now: (string | undefined)[] = []
  let next = 0
  const same = file === text ? [] : diffIndices(before, text.split('\n'))
  const upTo = (end: number) => {
    for (; next < end; next += 1) now.push(known[next] ?? 'end')
  }
  for (const { buffer1, buffer2 } of same) {
    upTo(buffer1[0])
    for (let n = 0; n < buffer2[1]; n += 1) now.push(undefined)
    next += buffer1[1]
  }
  upTo(before.length)
  return now
}
