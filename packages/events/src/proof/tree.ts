import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** A SHA-256 hash, 32 bytes. */
export type Hash = Uint8Array

export const HASH_BYTES = 32

/** The root of a tree without leaves (RFC 6962, 2.1). */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0))

/** Hash of a leaf: SHA-256 over a zero byte and the leaf's bytes, so that no leaf can pass for an inner node. */
export function leafHash(leaf: Uint8Array | string): Hash {
  const bytes = typeof leaf === 'string' ? utf8ToBytes(leaf) : leaf
  const input = new Uint8Array(bytes.length + 1)
  input.set(bytes, 1)
  return sha256(input)
}

/** Hash of an inner node: SHA-256 over a one byte and both children. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return sha256(input)
}

export const sameHash = (a: Hash, b: Hash): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** Levels of the complete subtrees that `size` leaves fall into, from the left: the ones in the number's binary form. */
export function peakLevels(size: number): readonly number[] {
  const levels: number[] = []
  for (let level = 52; level >= 0; level -= 1) if (Math.floor(size / 2 ** level) % 2 === 1) levels.push(level)
  return levels
}

/** The root over complete subtrees that stand side by side, largest first. */
export function rootOfPeaks(peaks: readonly Hash[]): Hash {
  const last = peaks.at(-1)
  if (last === undefined) return EMPTY_ROOT
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

/**
 * A Merkle tree (RFC 6962) that remembers only the roots of its complete subtrees: enough to append and to know the
 * root, in memory that grows with the logarithm of the size.
 */
export class TreeEdge {
  #size: number
  readonly #peaks: Hash[]
  readonly #nodeHash: typeof nodeHash

  /**
   * @param peaks roots of the complete subtrees of `size` leaves, largest first.
   * @param hashNode the same as {@link nodeHash}, where the machine has a faster one.
   * @throws {RangeError} if there are not as many as that size has.
   */
  constructor(size = 0, peaks: readonly Hash[] = [], hashNode = nodeHash) {
    if (peaks.length !== peakLevels(size).length)
      throw new RangeError(`A tree of ${size} leaves has ${peakLevels(size).length} peaks, not ${peaks.length}.`)
    this.#size = size
    this.#peaks = [...peaks]
    this.#nodeHash = hashNode
  }

  get size(): number {
    return this.#size
  }

  get peaks(): readonly Hash[] {
    return this.#peaks
  }

  append(leaf: Hash): void {
    let node = leaf
    for (let full = this.#size; full % 2 === 1; full = Math.floor(full / 2)) {
      const left = this.#peaks.pop()
      if (left === undefined) throw new Error('the edge has lost a peak')
      node = this.#nodeHash(left, node)
    }
    this.#peaks.push(node)
    this.#size += 1
  }

  root(): Hash {
    return rootOfPeaks(this.#peaks)
  }
}
