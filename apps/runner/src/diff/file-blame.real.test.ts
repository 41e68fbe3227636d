import { expect, test } from 'vitest'
import { Redaction } from '../agents/redaction.ts'
import { createCheckpoint } from '../checkpoints/checkpoint.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { fileBlame } from './file-blame.ts'

test('[AU-5] each line of a file is a checkpoint’s, an older commit’s with author and date, or nobody’s yet', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const base = at.git(['rev-parse', 'HEAD'])
  at.write('src/a.txt', 'one\ntwo\nthree\nby the turn\n', worktree.path)
  await createCheckpoint(worktree, 'after', 'after')
  const checkpoint =
    at.git(['for-each-ref', '--format=%(objectname)', 'refs/coppice'], worktree.path).split('\n')[0] ?? ''
  at.write('src/a.txt', 'zero\none\ntwo\nthree\nby the turn\n', worktree.path)
  const blame = await fileBlame(worktree, 'src/a.txt', [checkpoint], new Redaction([]))
  if (!blame.ok) throw new Error(blame.message)
  const by = (line: number): string | undefined =>
    blame.runs.find((run) => run.line <= line && line < run.line + run.count)?.by
  expect([1, 2, 3, 4, 5].map(by)).toEqual(['now', base, base, base, checkpoint])
  expect(blame.commits).toMatchObject([{ id: base, author: 'Ann', summary: 'first' }])
  expect(Math.abs((blame.commits[0]?.at ?? 0) - Date.now())).toBeLessThan(3_600_000)
})

test('a file that git leaves out, or that is elsewhere, is refused in words', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  at.write('secret.env', 'x\n', worktree.path)
  const none = new Redaction([])
  await expect(fileBlame(worktree, 'secret.env', [], none)).rejects.toThrow('secret.env is left out of git here')
  await expect(fileBlame(worktree, '../x', [], none)).rejects.toThrow('..')
})
