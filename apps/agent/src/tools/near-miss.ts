const mostLines = 20_000
const shownLines = 12

/** The line, counted from 1, that a position is in. */
export function lineOf(text: string, at: number): number {
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line += 1
  return line
}

/** Lines `from` to `to`, with their numbers. */
export function numbered(text: string, from: number, to: number): string {
  const lines = text.split('\n')
  const first = Math.max(1, from)
  return lines
    .slice(first - 1, to)
    .map((line, i) => `${first + i}\t${line}`)
    .join('\n')
}

/**
 * What the file has instead of a piece that is not in it: the same lines with other spaces, or those that are most alike.
 * For the model, so that its next try fits.
 */
export function nearestLines(text: string, wanted: string): string {
  const lines = text.split('\n')
  const pieces = wanted.replace(/\n$/, '').split('\n')
  const spaces = (line: string): string => line.trim().replace(/\s+/g, ' ')
  const plain = pieces.map(spaces)
  const same = lines.findIndex((_line, at) => plain.every((piece, i) => piece === spaces(lines[at + i] ?? '')))
  if (same >= 0 && plain.some((piece) => piece !== ''))
    return `The same lines are there with other white space. Copy them exactly as they are:\n${numbered(text, same + 1, same + Math.min(pieces.length, 40))}`
  const best = mostAlike(lines, pieces)
  if (best === undefined) return 'Nothing in it is like that. Read the file again; it may have changed.'
  const to = best + Math.min(pieces.length, shownLines)
  return `The lines most like it are these; read the file again if they are not what you expect:\n${numbered(text, best + 1, to)}`
}

/** Index of the line where the window begins that shares most words with the piece; nothing below a third. */
function mostAlike(lines: readonly string[], pieces: readonly string[]): number | undefined {
  const wanted = new Set(pieces.flatMap(words))
  if (wanted.size === 0 || lines.length > mostLines) return undefined
  const perLine = lines.map((line) => words(line).filter((word) => wanted.has(word)))
  let [best, bestScore] = [0, 0]
  for (let at = 0; at < lines.length; at += 1) {
    const shared = new Set(perLine.slice(at, at + pieces.length).flat())
    const score = shared.size / wanted.size
    // Of equal windows the one whose first line fits is meant.
    const bonus = (perLine[at]?.length ?? 0) > 0 ? 0.001 : 0
    if (score + bonus > bestScore) [best, bestScore] = [at, score + bonus]
  }
  return bestScore > 1 / 3 ? best : undefined
}

function words(line: string): string[] {
  return line.match(/[\p{L}\p{N}_]+/gu) ?? []
}
