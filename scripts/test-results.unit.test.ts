import { expect, test } from 'vitest'
import { countsOf, onlyAtSecondTry, toTryAgain, withSecondTry, type Results } from './test-results.ts'

const file = (name: string, ...statuses: string[]): Results['testResults'][number] => ({
  name: `${process.cwd()}/${name}`,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, n) => ({ fullName: `test ${n}`, status })),
})
const run = (...testResults: Results['testResults']): Results => ({ testResults })

test('a few failed files of browsers are tried once more, whole; anything else is not', () => {
  const page = file('test/a.e2e.test.ts', 'passed', 'failed')
  expect(toTryAgain(run(file('x.unit.test.ts', 'passed'), page))).toEqual(['test/a.e2e.test.ts'])
  expect(toTryAgain(run(page, file('b.web.test.ts', 'failed')))).toEqual(['test/a.e2e.test.ts', 'b.web.test.ts'])
  expect(toTryAgain(run(page, file('c.real.test.ts', 'failed')))).toEqual([])
  expect(toTryAgain(run(page, file('law.unit.test.ts', 'failed')))).toEqual([])
  expect(toTryAgain(run(...['a', 'b', 'c', 'd'].map((name) => file(`${name}.e2e.test.ts`, 'failed'))))).toEqual([])
  expect(toTryAgain(run(file('x.unit.test.ts', 'passed')))).toEqual([])
})

test('the second try of a file counts in place of the first, and what needed it is named', () => {
  const first = run(file('x.unit.test.ts', 'passed', 'skipped'), file('a.e2e.test.ts', 'passed', 'failed', 'failed'))
  const second = run(file('a.e2e.test.ts', 'passed', 'passed', 'failed'))
  expect(countsOf(first)).toEqual({ passed: 2, failed: 2, skipped: 1 })
  expect(countsOf(withSecondTry(first, second))).toEqual({ passed: 3, failed: 1, skipped: 1 })
  expect(onlyAtSecondTry(first, second)).toEqual(['a.e2e.test.ts > test 1'])
})
