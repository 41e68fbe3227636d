import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeObservation, sessionStream, workspaceLog } from '@coppice/events'
import type { DraftEvent } from '@coppice/events'
import { Spool } from './spool.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'coppice-spool-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function event(id: string, workspace = 'w1'): DraftEvent {
  const actor = { kind: 'runner' as const, id: 'r1' }
  const stamp = { id, now: 1, actor, causationId: 'c', correlationId: 'c' }
  return makeObservation({ log: workspaceLog(workspace), stream: sessionStream('s1') }, 'worktree.removed', {}, stamp)
}

const waiting = (spool: Spool): string[] =>
  [...spool.waiting(new Set(['workspace:w1', 'workspace:w2'])).values()].flat().map((one) => one.id)

test('what was not stored is there again after a crash, in order, also when the last line was cut', async () => {
  const first = Spool.open(folder)
  const stored = first.add(event('a'))
  void first.add(event('b'))
  void first.add(event('c', 'w2'))
  first.settle(new Set(['a']), true)
  expect(await stored).toBe(true)
  appendFileSync(path.join(folder, 'spool.jsonl'), '{"n":9,"event":{"id":"cu')
  const second = Spool.open(folder)
  expect(waiting(second)).toEqual(['b', 'c'])
  expect(second.has('b')).toBe(true)
  void second.add(event('d'))
  const third = Spool.open(folder)
  expect(waiting(third)).toEqual(['b', 'd', 'c'])
  for (const spool of [first, second, third]) spool.close()
})

test('an empty spool is an empty file; after closing nothing is taken', async () => {
  const spool = Spool.open(folder)
  const [a, b] = [spool.add(event('a')), spool.add(event('b'))]
  spool.settle(new Set(['b']), false)
  spool.settle(new Set(['a']), true)
  expect(await Promise.all([a, b])).toEqual([true, false])
  expect(spool.size).toBe(0)
  expect(statSync(path.join(folder, 'spool.jsonl')).size).toBeLessThan(20)
  void spool.add(event('c'))
  spool.close()
  expect(await spool.add(event('d'))).toBe(false)
  const again = Spool.open(folder)
  expect(waiting(again)).toEqual(['c'])
  again.close()
})

test('a spool that was emptied goes on counting after a restart: what is added then survives the next one', () => {
  const first = Spool.open(folder)
  for (const id of ['a', 'b', 'c']) void first.add(event(id))
  first.settle(new Set(['a', 'b', 'c']), true)
  first.close()
  const second = Spool.open(folder)
  void second.add(event('d'))
  second.close()
  const third = Spool.open(folder)
  expect(waiting(third)).toEqual(['d'])
  third.close()
})
