import { expect, test } from 'vitest'
import { Heights } from './heights.ts'
import type { Row, Unit } from './units.ts'

const row: Row = {
  itemId: 'm',
  kind: 'agent',
  seq: 1,
  turnId: 't',
  parentId: '',
  status: 'done',
  family: '',
  textLength: 700,
  lineCount: 3,
  revision: 1,
}
const unit: Unit = { id: 'm', itemId: 'm', kind: 'agent', depth: 0, part: 0, parts: 1, members: [] }

test('a measured height is remembered by revision, fold and width', () => {
  const heights = new Heights()
  heights.remember(unit, row, false, 321)
  expect(heights.of(unit, row, false)).toBe(321)
  expect(heights.of(unit, { ...row, revision: 2 }, false)).not.toBe(321)
  expect(heights.resize(700)).toBe(true)
  expect(heights.of(unit, row, false)).not.toBe(321)
  heights.resize(720)
  expect(heights.of(unit, row, false)).toBe(321)
})

test('measured rows correct the estimates of their kind, but none that was given already', () => {
  const heights = new Heights()
  const before = heights.of(unit, row, false)
  const still = { ...unit, id: 'given' }
  heights.of(still, row, false)
  for (let i = 0; i < 50; i++) heights.remember({ ...unit, id: `m${i}` }, row, false, before * 2)
  const after = heights.of({ ...unit, id: 'new' }, row, false)
  expect(after).toBeGreaterThan(before * 1.8)
  expect(after).toBeLessThan(before * 2.2)
  expect(heights.of(still, row, false)).toBe(before)
})
