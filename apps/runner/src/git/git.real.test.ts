import { afterEach, expect, test, vi } from 'vitest'
import { git } from './git.ts'
import { temporaryRepository } from './temporary-repository.ts'

afterEach(() => void vi.useRealTimers())

test('a command that prints nothing is over when git is: nobody waits for a clock', async () => {
  using at = temporaryRepository()
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  expect(await git(at.repo, ['update-ref', 'refs/heads/other', 'HEAD'])).toBe('')
  expect(await git(at.repo, ['rev-parse', 'other'])).toBe(await git(at.repo, ['rev-parse', 'HEAD']))
})
