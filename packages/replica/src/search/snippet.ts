import { marksOf, type SearchQuery } from './query.ts'

/** A piece of a hit's text; marked where the query fits. */
export interface SnippetPart {
  readonly text: string
  readonly marked: boolean
}

const BEFORE_CHARS = 60
const LENGTH_CHARS = 240

/** The text around the first place that fits, on one line, cut at both ends where there is more. */
export function snippetOf(query: SearchQuery, text: string): readonly SnippetPart[] {
  const marks = marksOf(query, text)
  const from = startNear(text, (marks[0]?.[0] ?? 0) - BEFORE_CHARS)
  const to = endNear(text, from + LENGTH_CHARS)
  const parts: SnippetPart[] = []
  let at = from
  const put = (end: number, marked: boolean): void => {
    const piece = text.slice(at, end).replace(/\s+/g, ' ')
    if (piece !== '') parts.push({ text: piece, marked })
    at = end
  }
  if (from > 0) parts.push({ text: '…', marked: false })
  for (const [start, end] of marks) {
    if (end > to) break
    put(start, false)
    put(end, true)
  }
  put(to, false)
  if (to < text.length) parts.push({ text: '…', marked: false })
  return parts
}

/** Not in the middle of a word, if a word begins soon. */
function startNear(text: string, wanted: number): number {
  if (wanted <= 0) return 0
  const space = text.slice(wanted, wanted + 20).search(/\s/)
  return space < 0 ? wholeSign(text, wanted) : wanted + space + 1
}

function endNear(text: string, wanted: number): number {
  if (wanted >= text.length) return text.length
  const back = text.slice(wanted - 20, wanted).search(/\s\S*$/)
  return back < 0 ? wholeSign(text, wanted) : wanted - 20 + back
}

/** Never between the two halves of a surrogate pair. */
const wholeSign = (text: string, at: number): number => ((text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at + 1 : at)
