const SEPARATORS = '/\\._- :'

/**
 * How well `query` fits `text`, higher is better; undefined where its letters do not stand in it in this order. Letters at
 * the begin of a word and letters in a row count more, and so does what stands in the last part of a path. Both sides rank
 * with it, so that a list looks the same with the runner there and away. Pure.
 */
export function fit(text: string, query: string): number | undefined {
  if (query === '') return 0
  return fitOf(text, text.toLowerCase(), query.toLowerCase())
}

function fitOf(text: string, low: string, wanted: string): number | undefined {
  const name = low.lastIndexOf('/') + 1
  const inName = wanted.includes('/') ? undefined : walk(text, low, wanted, name)
  const anywhere = inName === undefined ? walk(text, low, wanted, 0) : inName + NAME_BONUS
  if (anywhere === undefined) return undefined
  const whole = low === wanted || low.slice(name) === wanted ? WHOLE_BONUS : 0
  // Of two that fit alike, the shorter one is nearer to what was typed.
  return anywhere + whole - text.length / 64
}

const NAME_BONUS = 12
const WHOLE_BONUS = 40
const BEGIN = 8
const IN_A_ROW = 6

/** Takes each letter where it stands first, or as a whole where the query stands as it is. */
function walk(text: string, low: string, wanted: string, from: number): number | undefined {
  const whole = bestWhole(text, low, wanted, from)
  if (whole !== undefined) return whole
  let score = 0
  let at = from - 1
  for (const letter of wanted) {
    const next = low.indexOf(letter, at + 1)
    if (next < 0) return undefined
    score += 1 + (next === at + 1 && at >= from ? IN_A_ROW / 2 : 0) + (begins(text, next) ? BEGIN / 2 : 0)
    at = next
  }
  return score
}

function bestWhole(text: string, low: string, wanted: string, from: number): number | undefined {
  let best: number | undefined
  for (let at = low.indexOf(wanted, from); at >= 0; at = low.indexOf(wanted, at + 1)) {
    const score = wanted.length * (1 + IN_A_ROW) + (begins(text, at) ? BEGIN : 0)
    if (best === undefined || score > best) best = score
    if (begins(text, at)) break
  }
  return best
}

function begins(text: string, at: number): boolean {
  if (at === 0) return true
  const before = text[at - 1] ?? ''
  if (SEPARATORS.includes(before)) return true
  const here = text[at] ?? ''
  return here >= 'A' && here <= 'Z' && !(before >= 'A' && before <= 'Z')
}

/** The `most` that fit best, best first; those that fit alike stay in the order they came in. Pure. */
export function ranked<T>(all: readonly T[], query: string, textOf: (one: T) => string, most: number): readonly T[] {
  if (query === '') return all.slice(0, most)
  const wanted = query.toLowerCase()
  const fits: { readonly one: T; readonly score: number; readonly at: number }[] = []
  all.forEach((one, at) => {
    const text = textOf(one)
    const score = fitOf(text, text.toLowerCase(), wanted)
    if (score !== undefined) fits.push({ one, score, at })
  })
  fits.sort((a, b) => b.score - a.score || a.at - b.at)
  return fits.slice(0, most).map(({ one }) => one)
}
