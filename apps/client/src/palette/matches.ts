/** Where a query stands in a text, for marking; undefined where it does not fit. Words may stand in any order. Pure. */
export function matchRanges(text: string, query: string): readonly (readonly [number, number])[] | undefined {
  const low = text.toLowerCase()
  const ranges: [number, number][] = []
  for (const word of query.toLowerCase().split(/\s+/)) {
    if (word === '') continue
    const at = low.indexOf(word)
    if (at < 0) return undefined
    ranges.push([at, at + word.length])
  }
  ranges.sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const range of ranges) {
    const last = merged[merged.length - 1]
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1])
    else merged.push([...range])
  }
  return merged
}
