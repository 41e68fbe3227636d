import { expect, test } from 'vitest'
import { namesIn } from './names-in.ts'

const mara = '0190a0b0-0000-7000-8000-000000000001'
const users = new Map([[mara, { name: 'mara' }]])

test('a person is called by name, what is nobody stays as it is', () => {
  expect(namesIn(`It was rejected by ${mara}. Nothing was done.`, users)).toBe(
    'It was rejected by mara. Nothing was done.',
  )
  const other = '0190a0b0-0000-7000-8000-000000000002'
  expect(namesIn(`Rejected by ${other}; ${mara}`, users)).toBe(`Rejected by ${other}; mara`)
})
