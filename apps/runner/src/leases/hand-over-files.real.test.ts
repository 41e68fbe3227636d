import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { putAside } from './hand-over-files.ts'

test('[BE-8] what an earlier change of hands puts aside late is not the worktree that was made for a later one', async () => {
  using at = temporaryRepository()
  const first = await at.session('s1')
  const context = { worktrees: at.worktrees, dataFolder: at.data, say: () => undefined }
  await putAside(context, 's1', 2)
  expect(existsSync(first.path)).toBe(false)
  const { branch, baseBranch, baseCommit } = first
  const of = { sessionId: 's1', branch, baseBranch, baseCommit, head: baseCommit, lease: 2 }
  const second = await at.worktrees.takeUp(await at.open(), of)
  await putAside(context, 's1', 1)
  expect(existsSync(path.join(second.path, 'README.md'))).toBe(true)
  expect((await at.worktrees.find('s1'))?.lease).toBe(2)
})
