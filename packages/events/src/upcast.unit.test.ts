import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseEvent, recordedEventSchema, upcast, type Upcaster } from './index.ts'
import { foldRows } from './testing/index.ts'

const steps: Upcaster[] = [
  { type: 'thing.made', from: 1, lift: ({ label, ...rest }) => ({ ...rest, name: label }) },
  { type: 'thing.made', from: 2, lift: (data) => ({ ...data, colour: 'green' }) },
]

test('[EV-4] old data is lifted step by step to the current version, and what was there is kept', () => {
  expect(upcast('thing.made', 1, 3, { label: 'oak', size: 2 }, steps)).toEqual({
    name: 'oak',
    colour: 'green',
    size: 2,
  })
  expect(upcast('thing.made', 2, 3, { name: 'oak' }, steps)).toEqual({ name: 'oak', colour: 'green' })
})

test('[EV-4] a missing step is an error that names it, not a guess', () => {
  expect(() => upcast('thing.made', 1, 4, {}, steps)).toThrow('from version 3 to 4')
})

test('[EV-4] the golden log of 0.1 still reads, and still means the same', () => {
  const lines = readFileSync(new URL('./golden/0.1.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const events = lines.map((line) => parseEvent(recordedEventSchema.parse(JSON.parse(line))))
  const rows = Object.fromEntries([...foldRows(events)].sort(([a], [b]) => (a < b ? -1 : 1)))
  const golden: unknown = JSON.parse(readFileSync(new URL('./golden/0.1.rows.json', import.meta.url), 'utf8'))
  expect(rows).toEqual(golden)
})
