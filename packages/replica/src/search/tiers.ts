/** A part is small while it has fewer texts than this, smaller while it has fewer than the one before, and so on. */
const TIERS = [8, 64, 512]
/** So many parts of a tier, beside as many of each smaller one, are merged. */
const PARTS_A_TIER = 8
/** More are not merged at once: it would hold up a click. */
const TEXTS_AT_MOST = 1_024

/**
 * Which parts to merge, as a range of indices (end exclusive): of parts in the order in which they were written, side by side,
 * so that of two versions of a text the later is known. Undefined where there are few small ones.
 */
export function rangeToMerge(sizes: readonly number[]): readonly [from: number, to: number] | undefined {
  for (const [tier, limit] of TIERS.entries()) {
    const from = sizes.findLastIndex((size) => size >= limit) + 1
    if (sizes.length - from < PARTS_A_TIER * (tier + 1)) continue
    let to = from
    for (let texts = 0; to < sizes.length; to += 1) {
      texts += sizes[to] ?? 0
      if (texts > TEXTS_AT_MOST && to - from >= 2) break
    }
    return [from, to]
  }
  return undefined
}
