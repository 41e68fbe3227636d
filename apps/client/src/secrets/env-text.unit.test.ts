import { expect, test } from 'vitest'
import { namesAsEnv, readEnvText } from './env-text.ts'

const values = (text: string) => Object.fromEntries(readEnvText(text).entries.map(({ name, value }) => [name, value]))

test('a .env text is read as programs read it', () => {
  const text = [
    '\uFEFF# keys',
    'PLAIN=one two # a comment',
    'export TOKEN = abc#def',
    "SINGLE='as it is \\n # here'",
    'DOUBLE="two\\nlines \\"quoted\\" \\\\ end" # said',
    'KEY="-----BEGIN',
    'abc=',
    '-----END"',
    'TICK=`it\'s "both"`',
    '',
    'PLAIN=the last one counts',
  ].join('\r\n')
  expect(values(text)).toEqual({
    PLAIN: 'the last one counts',
    TOKEN: 'abc#def',
    SINGLE: 'as it is \\n # here',
    DOUBLE: 'two\nlines "quoted" \\ end',
    KEY: '-----BEGIN\nabc=\n-----END',
    TICK: 'it\'s "both"',
  })
  expect(readEnvText(text).problems).toEqual([])
})

test('what cannot be set is told by its line, and the rest is read', () => {
  const read = readEnvText('1BAD=x\nnothing here\nEMPTY=\nPATH=/bin\nGOOD=fine\nOPEN="never\nends')
  expect(read.entries).toEqual([{ name: 'GOOD', value: 'fine' }])
  expect(read.problems.map(({ line }) => line)).toEqual([1, 2, 3, 4, 6, 7])
  expect(read.problems[0]?.why).toContain('does not begin with a digit')
  expect(read.problems[3]?.why).toContain('belongs to the system')
})

test('names go out without values', () => {
  expect(namesAsEnv(['A_KEY', 'B_KEY'])).toMatch(/^# .*\nA_KEY=\nB_KEY=\n$/)
  expect(readEnvText(namesAsEnv(['A_KEY'])).entries).toEqual([])
})
