import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  checkCommand,
  commandSchema,
  isRefusal,
  liftCommand,
  type Actor,
  type Command,
  type Upcaster,
} from './index.ts'
import { foldRows, MemoryLog } from './testing/index.ts'

const MARA: Actor = { kind: 'user', id: 'mara' }

const command = (schemaVersion: number | undefined, data: Record<string, unknown>): Command => ({
  id: 'c' as Command['id'],
  log: 'workspace:w' as Command['log'],
  stream: 'workspace' as Command['stream'],
  type: 'thing.make',
  ...(schemaVersion !== undefined && { schemaVersion }),
  data,
  occurredAt: 1,
  correlationId: 'c',
})
const upcasters: Upcaster[] = [
  { type: 'thing.make', from: 1, lift: ({ label, ...rest }) => ({ ...rest, name: label }) },
  { type: 'thing.make', from: 2, lift: (data) => ({ ...data, colour: 'green' }) },
]

test('[SY-9] a command of an older app is lifted step by step; who it is and what it wants stay', () => {
  const versions = { 'thing.make': 3 }
  expect(liftCommand(command(undefined, { label: 'oak' }), versions, upcasters)).toEqual(
    command(3, { name: 'oak', colour: 'green' }),
  )
  expect(liftCommand(command(2, { name: 'oak' }), versions, upcasters)).toEqual(
    command(3, { name: 'oak', colour: 'green' }),
  )
  expect(liftCommand(command(3, { name: 'oak', colour: 'red' }), versions, upcasters)).toEqual(
    command(3, { name: 'oak', colour: 'red' }),
  )
})

test('[SY-9] a command from the future is refused with what to do, and not guessed at', () => {
  const refused = liftCommand(command(4, {}), { 'thing.make': 3 }, upcasters)
  expect(refused).toMatchObject({ code: 'unsupported', message: expect.stringContaining('after an update') })
  const future = { ...command(2, { name: 'x' }), stream: 'session/s' as Command['stream'], type: 'session.rename' }
  expect(checkCommand(future)).toMatchObject({ code: 'unsupported' })
})

test('[SY-9] the golden outbox of 0.1 is still understood and done, every command of it', () => {
  const lines = readFileSync(new URL('./golden/0.1.outbox.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const log = new MemoryLog()
  for (const line of lines) {
    const kept = commandSchema.parse((JSON.parse(line) as { command: unknown }).command)
    expect([kept.type, checkCommand(kept)]).toEqual([kept.type, undefined])
    const answer = log.push(kept, MARA)
    expect(isRefusal(answer) ? `${kept.type}: ${answer.message}` : 'done').toBe('done')
  }
  const rows = foldRows(log.events)
  expect(rows.get('sessions s')).toMatchObject({ name: 'Renamed off line', stepMode: 'auto', ending: 'done' })
  expect(rows.get('items m1')).toMatchObject({ text: 'Begin. \u0000 \u{1F389} "quoted"\n' })
  expect(rows.get('items m2')).toMatchObject({ text: 'Then that' })
  expect(rows.has('items m3')).toBe(false)
})
