/** The same numbers for the same seed (mulberry32), 0 to 1. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const VOCABULARY = 50_000

/**
 * Texts whose words are as often as in a language (Zipf's law, 50,000 words of 3 to 12 letters): what an index for words
 * has to bear. `words[0]` is the most frequent.
 */
export function prose(seed: number): { words: readonly string[]; text: (words: number) => string } {
  const next = random(seed)
  const letter = (): string => 'etaoinshrdlucmfwypvbgkjqxz'[Math.floor(next() ** 1.5 * 26)] ?? 'e'
  const known = new Set<string>()
  while (known.size < VOCABULARY)
    known.add(Array.from({ length: 3 + Math.floor(next() * 4) + (known.size > 500 ? 3 : 0) }, letter).join(''))
  const words = [...known]
  let sum = 0
  const upTo = words.map((_, rank) => (sum += 1 / (rank + 10)))
  const word = (): string => {
    const wanted = next() * sum
    let low = 0
    let high = words.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    return words[low] ?? ''
  }
  return { words, text: (count) => Array.from({ length: count }, word).join(' ') }
}
