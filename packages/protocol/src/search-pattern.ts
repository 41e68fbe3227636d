/** What is looked for in texts, and how. */
export interface SearchPattern {
  readonly text: string
  readonly regex: boolean
  readonly matchCase: boolean
  /** Only whole words. */
  readonly words: boolean
}

/**
 * The pattern as JavaScript has it, for all hits in a line. git's own patterns differ a little from these.
 * @returns undefined where it is none
 */
export function searchPattern({ text, regex, matchCase, words }: SearchPattern): RegExp | undefined {
  const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  try {
    return new RegExp(words ? `\\b(?:${source})\\b` : source, matchCase ? 'gu' : 'giu')
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
