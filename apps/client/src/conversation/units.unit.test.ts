import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnitList } from './unit-list.ts'
import { foldItems, groupId, type FoldContext, type Row } from './units.ts'

const shut: FoldContext = { isOpen: (_id, fallback) => fallback, partsOf: () => 1 }
const allOpen: FoldContext = { isOpen: () => true, partsOf: () => 1 }

let seq = 0
const row = (kind: Row['kind'], more: Partial<Row> = {}): Row => {
  seq++
  return {
    itemId: `i${seq}`,
    kind,
    seq,
    turnId: 't',
    parentId: '',
    status: 'done',
    family: '',
    textLength: 10,
    lineCount: 0,
    revision: 1,
    ...more,
  }
}
const tool = (family: string, more: Partial<Row> = {}) => row('tool', { family, ...more })

describe('folding rows into units', () => {
  test('a run of reading and searching folds; its id is its first member, so that appending keeps it', () => {
    const rows = [tool('read'), tool('search'), tool('read')]
    const units = foldItems(rows, shut)
    expect(units.map((unit) => [unit.kind, unit.members.length])).toEqual([['group', 3]])
    expect(units[0]?.id).toBe(groupId(rows[0]?.itemId ?? ''))
    expect(foldItems([...rows, tool('read')], shut)[0]?.id).toBe(units[0]?.id)
  })

  test('an opened group shows its members below it, one level deeper', () => {
    const units = foldItems([tool('read'), tool('read')], allOpen)
    expect(units.map((unit) => [unit.kind, unit.depth])).toEqual([
      ['group', 0],
      ['tool', 1],
      ['tool', 1],
    ])
  })

  test('a running or failed tool stays out of a shut group, and an approval is never hidden', () => {
    const units = foldItems(
      [tool('read'), tool('read'), tool('read', { status: 'working' }), row('approval', { status: 'pending' })],
      shut,
    )
    expect(units.map((unit) => unit.kind)).toEqual(['group', 'tool', 'approval'])
  })

  test('what a sub-agent did hangs below it, and goes when it is shut', () => {
    const parent = tool('agent')
    const rows = [parent, tool('read', { parentId: parent.itemId }), row('agent', { parentId: parent.itemId })]
    expect(foldItems(rows, shut).map((unit) => unit.depth)).toEqual([0, 1, 1])
    expect(foldItems(rows, { ...shut, isOpen: () => false }).length).toBe(1)
  })

  test('a long message is cut into units that keep their ids', () => {
    const message = row('agent')
    const units = foldItems([message], { ...shut, partsOf: () => 3 })
    expect(units.map((unit) => unit.id)).toEqual([message.itemId, `${message.itemId}#1`, `${message.itemId}#2`])
  })

  test('an allowed approval and a completed turn need no row', () => {
    expect(foldItems([row('approval'), row('turn_end')], shut)).toEqual([])
    expect(
      foldItems([row('approval', { status: 'canceled' }), row('turn_end', { status: 'failed' })], shut).length,
    ).toBe(2)
  })
})

const kinds = fc.constantFrom<Row['kind']>('user', 'agent', 'thinking', 'tool', 'system')
const families = fc.constantFrom('read', 'search', 'run', 'edit', 'agent')
const session = fc
  .array(fc.tuple(kinds, families, fc.boolean(), fc.constantFrom<Row['status']>('done', 'working')), {
    minLength: 1,
    maxLength: 60,
  })
  .map((all) => {
    let turn = 0
    return all.map(([kind, family, newTurn, status], i) => {
      if (newTurn) turn++
      return row(kind, {
        itemId: `r${i}`,
        seq: i + 1,
        turnId: `t${turn}`,
        family: kind === 'tool' ? family : '',
        status,
      })
    })
  })

const ids = (list: UnitList): string[] => Array.from({ length: list.length }, (_, i) => list.at(i)?.id ?? 'hole')

describe('the units of a session', () => {
  test('taking rows one by one gives what taking them all at once gives', () => {
    fc.assert(
      fc.property(session, (rows) => {
        const whole = new UnitList(shut)
        whole.replace(rows)
        const grown = new UnitList(shut)
        grown.replace([])
        for (const one of rows) if (!grown.upsert([one])) throw new Error('did not take a row at the end')
        expect(ids(grown)).toEqual(ids(whole))
        whole.refold(rows.map((one) => one.itemId))
        expect(ids(grown)).toEqual(ids(whole))
        ids(whole).forEach((id, i) => {
          const unit = whole.at(i)
          expect(unit && whole.indexOf(unit)).toBe(i)
          expect(unit?.id).toBe(id)
        })
      }),
      { numRuns: 300, seed: 3 },
    )
  })

  test('a row whose state changes stays where it is', () => {
    const list = new UnitList(shut)
    const rows = [row('user', { itemId: 'a', seq: 1 }), tool('read', { itemId: 'b', seq: 2, status: 'working' })]
    list.replace(rows)
    expect(list.upsert([{ ...tool('read', { itemId: 'b', seq: 2 }), revision: 2 }])).toBe(true)
    expect(ids(list)).toEqual(['a', 'b'])
  })

  test('a text that was coming gets its place when its event arrives, before what stands after it', () => {
    const list = new UnitList(shut)
    list.replace([row('user', { itemId: 'a', seq: 1 })])
    expect(list.upsert([row('agent', { itemId: 'm', seq: Number.MAX_SAFE_INTEGER, live: true })])).toBe(true)
    expect(list.upsert([tool('run', { itemId: 'x', seq: 2 })])).toBe(true)
    expect(ids(list)).toEqual(['a', 'x', 'm'])
    expect(list.upsert([row('agent', { itemId: 'm', seq: 3 }), tool('run', { itemId: 'y', seq: 4 })])).toBe(true)
    expect(ids(list)).toEqual(['a', 'x', 'm', 'y'])
  })
})
