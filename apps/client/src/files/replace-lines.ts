import { searchPattern, type SearchPattern } from '@coppice/protocol'

/** What hits are replaced with: a text as it is or, with a regular expression, one in which `$1` and `$&` stand for what was found. */
export interface Replacing extends SearchPattern {
  readonly put: string
}

/** A piece of a line: as it stays, or a hit with what comes in its place. */
export type Piece = { readonly text: string; readonly put?: string }

/** A line in pieces; one alone where nothing in it is replaced. */
export function piecesOf(line: string, replacing: Replacing): readonly Piece[] {
  const pattern = searchPattern(replacing)
  if (pattern === undefined) return [{ text: line }]
  const pieces: Piece[] = []
  let from = 0
  for (const match of line.matchAll(pattern)) {
    const [hit] = match
    if (hit === '') continue
    if (match.index > from) pieces.push({ text: line.slice(from, match.index) })
    pieces.push({ text: hit, put: replacing.regex ? filled(replacing.put, match) : replacing.put })
    from = match.index + hit.length
  }
  if (from < line.length || pieces.length === 0) pieces.push({ text: line.slice(from) })
  return pieces
}

/** As in JavaScript's own replacements: `$$`, `$&`, `$1` to `$99`, `$<name>`; a group that did not take part is empty. */
function filled(put: string, match: RegExpMatchArray): string {
  return put.replace(/\$(?:(\$)|(&)|(\d{1,2})|<([^>]*)>)/g, (whole, dollar, all, group, name) => {
    if (dollar !== undefined) return '$'
    if (all !== undefined) return match[0]
    if (name !== undefined) return match.groups === undefined ? whole : (match.groups[name] ?? '')
    const n = Number(group)
    return n === 0 || n >= match.length ? whole : (match[n] ?? '')
  })
}

/**
 * Replaces the hits in some lines of a text. Line ends stay as they are.
 * @param chosen what each line, from 1, was seen to hold: one that does not hold it any more is left alone
 */
export function replaceLines(
  text: string,
  chosen: ReadonlyMap<number, string>,
  replacing: Replacing,
): { readonly text: string; readonly hits: number; readonly changedMeanwhile: number } {
  let hits = 0
  let changedMeanwhile = 0
  const lines = text.split('\n').map((whole, at) => {
    const seen = chosen.get(at + 1)
    if (seen === undefined) return whole
    const line = whole.replace(/\r$/, '')
    const pieces = piecesOf(line, replacing)
    const found = pieces.filter(({ put }) => put !== undefined).length
    if (!line.includes(seen) || found === 0) {
      changedMeanwhile += 1
      return whole
    }
    hits += found
    return pieces.map((piece) => piece.put ?? piece.text).join('') + whole.slice(line.length)
  })
  return { text: lines.join('\n'), hits, changedMeanwhile: changedMeanwhile + beyond(chosen, lines.length) }
}

const beyond = (chosen: ReadonlyMap<number, string>, lines: number): number =>
  [...chosen.keys()].filter((line) => line > lines).length
