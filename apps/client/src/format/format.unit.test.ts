import { expect, test } from 'vitest'
import { count, fileSize, money, plural, tokens } from './numbers.ts'
import { ago, duration } from './time.ts'

test('money has four digits under a dollar and two above', () => {
  expect([money(0), money(0.0934), money(1.87), money(12.4), money(1204)]).toEqual([
    '$0.0000',
    '$0.0934',
    '$1.87',
    '$12.40',
    '$1,204.00',
  ])
})

test('token counts are short', () => {
  expect([tokens(950), tokens(12_400), tokens(142_600), tokens(1_240_000)]).toEqual(['950', '12.4k', '142.6k', '1.24M'])
})

test('relative times', () => {
  const now = 1_000_000_000_000
  expect([
    ago(now, now),
    ago(now + 5_000, now),
    ago(now - 22 * 60_000, now),
    ago(now - 3 * 3_600_000, now),
    ago(now - 5 * 86_400_000, now),
  ]).toEqual(['now', 'now', '22 min', '3 h', '5 d'])
})

test('durations', () => {
  expect([
    duration(200),
    duration(3_400),
    duration(12_300),
    duration(242_000),
    duration(120_000),
    duration(3_900_000),
  ]).toEqual(['0.2 s', '3.4 s', '12 s', '4 min 2 s', '2 min', '1 h 5 min'])
})

test('numbers are grouped, nouns agree', () => {
  expect([count(1204), plural(1, 'file'), plural(14, 'file')]).toEqual(['1,204', '1 file', '14 files'])
})

test('sizes of files', () => {
  expect([fileSize(0), fileSize(950), fileSize(12_300), fileSize(1_300_000), fileSize(64 * 1024 * 1024)]).toEqual([
    '0 B',
    '950 B',
    '12 KiB',
    '1.2 MiB',
    '64 MiB',
  ])
})
