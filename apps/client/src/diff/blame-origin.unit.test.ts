import type { CheckpointRow, ItemRow } from '@coppice/events'
import { expect, test } from 'vitest'
import { originOf, telling, toolOf, turnFacts } from './blame-origin.ts'

const checkpoint = (commit: string, tree: string, reason: string, turnId = ''): CheckpointRow => ({
  checkpointId: commit,
  sessionId: 's',
  commit,
  tree,
  reason,
  turnId,
  at: 5,
  additions: 0,
  deletions: 0,
})
const row = (itemId: string, more: Partial<ItemRow>): ItemRow => ({
  itemId,
  sessionId: 's',
  workspaceId: 'w',
  seq: 1,
  queue: 0,
  turnId: 't2',
  parentId: '',
  kind: 'tool',
  status: 'done',
  author: '',
  at: 1,
  text: '',
  detail: {},
  ...more,
})
const edit = (itemId: string, path: string, text: string): ItemRow =>
  row(itemId, {
    detail: { changes: [{ path, additions: 1, deletions: 0, patch: `@@ -0,0 +1 @@\n+${text}\n`, cut: false }] },
  })

test('what a turn began with was made between two turns, what it ended with by it', () => {
  const all = [
    checkpoint('a', '1', 'turn_start', 't1'),
    checkpoint('b', '2', 'turn_end', 't1'),
    checkpoint('c', '2', 'turn_start', 't2'),
    checkpoint('d', '3', 'turn_end', 't2'),
    checkpoint('e', '4', 'before_discard'),
  ]
  expect(telling(all).map((one) => one.commit)).toEqual(['a', 'b', 'd', 'e'])
  expect(originOf('d', all)).toMatchObject({ kind: 'turn', turnId: 't2', turn: 2 })
  expect(originOf('a', all).kind).toBe('between')
  expect(originOf('e', all).kind).toBe('between')
  expect(originOf('base', all).kind).toBe('before')
  expect(originOf('now', all).kind).toBe('now')
})

test('[AU-5] a line of a turn leads to the step that wrote it, to the person, the model and the cost', () => {
  const usage = {
    provider: 'script',
    model: 'small',
    inputTokens: 1,
    outputTokens: 1,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    usd: 0.25,
    source: 'reported' as const,
  }
  const facts = turnFacts([
    row('m', { kind: 'user', author: 'mara', text: 'Do it.' }),
    edit('first', 'a.ts', 'const a = 1'),
    edit('other', 'b.ts', 'const a = 2'),
    edit('second', 'a.ts', 'const a = 2'),
    row('e', { kind: 'turn_end', detail: { usage } }),
  ])
  expect(facts).toMatchObject({ messageId: 'm', author: 'mara', model: 'small', usd: 0.25 })
  expect(toolOf(facts, 'a.ts', 'const a = 2')?.itemId).toBe('second')
  expect(toolOf(facts, 'a.ts', 'const a = 1')?.itemId).toBe('first')
  expect(toolOf(facts, 'a.ts', 'nobody wrote this')).toBeUndefined()
})

test('[AU-5] a turn that a hook began is the hook’s, not nobody’s', () => {
  const facts = turnFacts([
    row('m', { kind: 'hook_failure', author: 'oak', text: 'It failed.', detail: { source: 'Tests' } }),
  ])
  expect(facts).toMatchObject({ messageId: 'm', author: 'the hook Tests', message: 'It failed.' })
})
