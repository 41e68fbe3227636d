import { LanguageDescription, type Language } from '@codemirror/language'
import { languages } from '@codemirror/language-data'
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight'

/** A part of a line in one colour; UTF-16 offsets. */
export type Colour = readonly [from: number, to: number, className: string]

const classes = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], class: 'syn-key' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: 'syn-str' },
  { tag: [tags.comment, tags.meta], class: 'syn-com' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: 'syn-num' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: 'syn-fn' },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.namespace], class: 'syn-fn' },
])

/** The language of a file by its name; nothing where there is none, or its code cannot be loaded now. */
export async function languageOf(path: string): Promise<Language | undefined> {
  const found = LanguageDescription.matchFilename(languages, path.slice(path.lastIndexOf('/') + 1))
  if (!found) return undefined
  try {
    return (await found.load()).language
  } catch (error) {
    // Off line a language that was never needed before is not there: the text is.
    console.warn(`No colours for ${path}.`, error)
    return undefined
  }
}

/** The colours of lines that follow each other; what spans lines (a comment, a string) is coloured in each. */
export function colourLines(language: Language, lines: readonly string[]): Colour[][] {
  const found: Colour[][] = lines.map(() => [])
  const starts: number[] = []
  let length = 0
  for (const line of lines) {
    starts.push(length)
    length += line.length + 1
  }
  let line = 0
  highlightTree(language.parser.parse(lines.join('\n')), classes, (from, to, className) => {
    for (let at = from; at < to;) {
      while (at >= (starts[line + 1] ?? Infinity)) line += 1
      const start = starts[line] ?? 0
      const end = start + (lines[line] ?? '').length
      if (Math.min(to, end) > at) found[line]?.push([at - start, Math.min(to, end) - start, className])
      at = end + 1
    }
  })
  return found
}

/** A text in pieces: each with its colour, and whether it is what differs. */
export interface Piece {
  readonly text: string
  readonly className: string
  readonly marked: boolean
}

/** Lays marks over colours. */
export function pieces(
  text: string,
  colours: readonly Colour[],
  marks: readonly (readonly [number, number])[],
): readonly Piece[] {
  if (colours.length === 0 && marks.length === 0) return [{ text, className: '', marked: false }]
  const borders = new Set([0, text.length])
  for (const [from, to] of [...colours, ...marks])
    borders.add(Math.min(from, text.length)).add(Math.min(to, text.length))
  const at = [...borders].sort((a, b) => a - b)
  const made: Piece[] = []
  for (let n = 0; n < at.length - 1; n += 1) {
    const [from = 0, to = 0] = [at[n], at[n + 1]]
    const colour = colours.find(([a, b]) => a <= from && to <= b)
    made.push({
      text: text.slice(from, to),
      className: colour?.[2] ?? '',
      marked: marks.some(([a, b]) => a <= from && to <= b),
    })
  }
  return made
}
