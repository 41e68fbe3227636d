import { leafHash, nodeHash } from '@coppice/events'
import { expect, test } from 'vitest'
import { leafOf, nodeOf } from './leaf.ts'

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')

test('the server hashes leaves and nodes as every replica does', () => {
  // Short, of several bytes a letter, and longer than what most events are.
  for (const body of ['', '{"a":1}', 'ü😀'.repeat(40), 'x'.repeat(8_191), 'x'.repeat(8_192), 'ü'.repeat(50_000)])
    expect(hex(leafOf(body))).toBe(hex(leafHash(body)))
  const [left, right] = [leafOf('left'), leafOf('right')]
  expect(hex(nodeOf(left, right))).toBe(hex(nodeHash(left, right)))
})
