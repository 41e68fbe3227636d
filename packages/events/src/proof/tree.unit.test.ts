import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hexToBytes } from '@noble/hashes/utils.js'
import {
  consistencyProof,
  EMPTY_ROOT,
  hashText,
  inclusionProof,
  leafHash,
  nodeHash,
  peaksAt,
  rootAt,
  sameHash,
  TreeEdge,
  verifyConsistency,
  verifyInclusion,
  type Hash,
  type Subtree,
} from './index.ts'

/** The leaves and roots that the reference implementation of RFC 6962 is tested on. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => leafHash(hexToBytes(hex)),
)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

/** The root by the RFC's own recursive definition. */
function rootByDefinition(leaves: readonly Hash[]): Hash {
  const [only] = leaves
  if (only === undefined) return EMPTY_ROOT
  if (leaves.length === 1) return only
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return nodeHash(rootByDefinition(leaves.slice(0, half)), rootByDefinition(leaves.slice(half)))
}

const subtreeOf =
  (leaves: readonly Hash[]): Subtree =>
  (level, index) =>
    rootByDefinition(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))

test('[AU-2] the tree has the roots of the reference vectors of RFC 6962', () => {
  const edge = new TreeEdge()
  expect(hashText(edge.root())).toBe(ROOTS[0])
  LEAVES.forEach((leaf, index) => {
    edge.append(leaf)
    expect(hashText(edge.root())).toBe(ROOTS[index + 1])
    expect(hashText(rootAt(index + 1, subtreeOf(LEAVES)))).toBe(ROOTS[index + 1])
  })
})

test('[AU-2] proofs are those of the reference vectors', () => {
  const subtree = subtreeOf(LEAVES)
  expect(inclusionProof(0, 1, subtree)).toEqual([])
  expect(inclusionProof(0, 8, subtree).map(hashText)).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect(inclusionProof(5, 8, subtree).map(hashText)).toEqual([
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ])
  expect(consistencyProof(1, 8, subtree).map(hashText)).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect(consistencyProof(6, 8, subtree).map(hashText)).toEqual([
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ])
})

const leaves = fc
  .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70 })
  .map((all) => all.map((leaf) => leafHash(leaf)))

test('[AU-2] every leaf of every tree is proved, and no other leaf, place, size or root is', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat(), (all, pick, wrong) => {
      const index = pick % all.length
      const proof = inclusionProof(index, all.length, subtreeOf(all))
      const root = rootByDefinition(all)
      const leaf = all[index] ?? EMPTY_ROOT
      const claim = { leaf, index, size: all.length, proof, root }
      expect(verifyInclusion(claim)).toBe(true)
      expect(verifyInclusion({ ...claim, leaf: leafHash('another') })).toBe(false)
      expect(verifyInclusion({ ...claim, root: leafHash('another') })).toBe(false)
      const elsewhere = wrong % all.length
      if (!sameHash(all[elsewhere] ?? EMPTY_ROOT, leaf) && elsewhere !== index)
        expect(verifyInclusion({ ...claim, index: elsewhere })).toBe(false)
      expect(verifyInclusion({ ...claim, proof: [...proof, leaf] })).toBe(false)
      if (proof.length > 0) expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false)
    }),
  )
})

test('[AU-2] a tree that begins with an earlier one proves it, and one that does not cannot', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat(), (all, pick, changed) => {
      const earlier = pick % (all.length + 1)
      const earlierRoot = rootByDefinition(all.slice(0, earlier))
      const root = rootByDefinition(all)
      const proof = consistencyProof(earlier, all.length, subtreeOf(all))
      expect(verifyConsistency({ earlier, earlierRoot, size: all.length, root, proof })).toBe(true)
      if (earlier === 0) return
      const rewritten = all.with(changed % earlier, leafHash('rewritten'))
      const lie = consistencyProof(earlier, all.length, subtreeOf(rewritten))
      const newRoot = rootByDefinition(rewritten)
      expect(verifyConsistency({ earlier, earlierRoot, size: all.length, root: newRoot, proof: lie })).toBe(false)
      expect(verifyConsistency({ earlier, earlierRoot, size: all.length, root: newRoot, proof })).toBe(false)
    }),
  )
})

test('[AU-2] an edge that was put away and taken up again goes on to the same root', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), (all, pick) => {
      const at = pick % (all.length + 1)
      const edge = new TreeEdge(at, peaksAt(at, subtreeOf(all)))
      for (const leaf of all.slice(at)) edge.append(leaf)
      expect(hashText(edge.root())).toBe(hashText(rootByDefinition(all)))
    }),
  )
})

test('an edge with the wrong number of peaks is refused', () => {
  expect(() => new TreeEdge(3, [EMPTY_ROOT])).toThrow(RangeError)
})
