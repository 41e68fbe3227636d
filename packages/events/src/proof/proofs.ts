import { nodeHash, peakLevels, rootOfPeaks, sameHash, type Hash } from './tree.ts'

/**
 * Gives the root of the complete subtree over leaves `index * 2^level … (index + 1) * 2^level - 1`.
 * Only ever asked for subtrees that lie wholly within the tree.
 */
export type Subtree = (level: number, index: number) => Hash

/** Root over the leaves `from … to - 1`, where `from` is a multiple of the largest power of two below the count. */
function rangeRoot(from: number, to: number, subtree: Subtree): Hash {
  let at = from
  const peaks: Hash[] = []
  for (const level of peakLevels(to - from)) {
    peaks.push(subtree(level, at / 2 ** level))
    at += 2 ** level
  }
  return rootOfPeaks(peaks)
}

export const rootAt = (size: number, subtree: Subtree): Hash => rangeRoot(0, size, subtree)

/** The roots of the complete subtrees of the first `size` leaves, largest first. */
export function peaksAt(size: number, subtree: Subtree): readonly Hash[] {
  let at = 0
  return peakLevels(size).map((level) => {
    const peak = subtree(level, at / 2 ** level)
    at += 2 ** level
    return peak
  })
}

/** The largest power of two that is less than `size`. */
function split(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/**
 * That leaf `index` (from 0) is in the tree of `size` leaves: the siblings on its way to the root, lowest first
 * (RFC 6962, 2.1.1).
 */
export function inclusionProof(index: number, size: number, subtree: Subtree): Hash[] {
  if (index < 0 || index >= size) throw new RangeError(`There is no leaf ${index} in a tree of ${size}.`)
  const path: Hash[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + split(to - from)
    if (index < middle) {
      path.unshift(rangeRoot(middle, to, subtree))
      to = middle
    } else {
      path.unshift(rangeRoot(from, middle, subtree))
      from = middle
    }
  }
  return path
}

/** That the tree of `size` leaves begins with the tree of `earlier` leaves (RFC 6962, 2.1.2). */
export function consistencyProof(earlier: number, size: number, subtree: Subtree): Hash[] {
  if (earlier < 0 || earlier > size) throw new RangeError(`No tree of ${earlier} leaves lies within one of ${size}.`)
  if (earlier === 0 || earlier === size) return []
  const path: Hash[] = []
  let from = 0
  let to = size
  // Whether the earlier tree still spans the whole left edge: then its root need not be told.
  let known = true
  while (earlier !== to) {
    const middle = from + split(to - from)
    if (earlier <= middle) {
      path.unshift(rangeRoot(middle, to, subtree))
      to = middle
    } else {
      path.unshift(rangeRoot(from, middle, subtree))
      from = middle
      known = false
    }
  }
  if (!known) path.unshift(rangeRoot(from, to, subtree))
  return path
}

/** Checks an inclusion proof (RFC 9162, 2.1.3.2). */
export function verifyInclusion(of: {
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly proof: readonly Hash[]
  readonly root: Hash
}): boolean {
  if (of.index < 0 || of.index >= of.size) return false
  let node = of.index
  let last = of.size - 1
  let hash = of.leaf
  for (const sibling of of.proof) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && sameHash(hash, of.root)
}

/** Checks a consistency proof (RFC 9162, 2.1.4.2). */
export function verifyConsistency(of: {
  readonly earlier: number
  readonly earlierRoot: Hash
  readonly size: number
  readonly root: Hash
  readonly proof: readonly Hash[]
}): boolean {
  const { earlier, earlierRoot, size, root } = of
  if (earlier < 0 || earlier > size) return false
  if (earlier === size) return of.proof.length === 0 && sameHash(earlierRoot, root)
  if (earlier === 0) return of.proof.length === 0
  const power = Number.isInteger(Math.log2(earlier))
  const [first, ...rest] = power ? [earlierRoot, ...of.proof] : of.proof
  if (first === undefined) return false
  let node = earlier - 1
  let last = size - 1
  while (node % 2 === 1) {
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  let before = first
  let after = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      before = nodeHash(sibling, before)
      after = nodeHash(sibling, after)
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else {
      after = nodeHash(after, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && sameHash(before, earlierRoot) && sameHash(after, root)
}
