import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { GitOperation } from '@coppice/events'
import { expect, test } from 'vitest'
import { applyLines, linesAreDone } from './apply-lines.ts'
import { commit, requireOwnCommit } from './commit.ts'
import { stage } from './staging.ts'
import { temporaryRepository } from './temporary-repository.ts'

type Lines = Extract<GitOperation, { kind: 'lines' }>
const lines = (how: Lines['how'], file: string, ...hunks: string[]): Lines => ({
  kind: 'lines',
  how,
  path: file,
  hunks: `${hunks.join('\n')}\n`,
})
const ann = { name: 'Ann', email: 'ann@example.org' }

test('[G-2] [G-3] [G-4] single lines are staged, unstaged and discarded; the others stay as they are', async () => {
  using at = temporaryRepository()
  const { path: dir } = await at.session()
  const staged = () => at.git(['show', ':src/a.txt'], dir)
  at.write('src/a.txt', 'ONE\ntwo\nTHREE\n', dir)
  await applyLines(dir, lines('stage', 'src/a.txt', '@@ -1,3 +1,3 @@', '-one', '+ONE', ' two', ' three'))
  expect(staged()).toBe('ONE\ntwo\nthree')
  await applyLines(dir, lines('unstage', 'src/a.txt', '@@ -1,2 +1,2 @@', '-one', '+ONE', ' two'))
  expect(staged()).toBe('one\ntwo\nthree')
  await applyLines(dir, lines('discard', 'src/a.txt', '@@ -2,2 +2,2 @@', ' two', '-three', '+THREE'))
  expect(readFileSync(path.join(dir, 'src/a.txt'), 'utf8')).toBe('ONE\ntwo\nthree\n')
})

test('lines that are not as they were seen are refused, and nothing is changed', async () => {
  using at = temporaryRepository()
  const { path: dir } = await at.session()
  at.write('src/a.txt', 'ONE\ntwo\nthree\n', dir)
  const seen = lines('stage', 'src/a.txt', '@@ -1,2 +1,2 @@', '-eins', '+ONE', ' two')
  await expect(applyLines(dir, seen)).rejects.toThrow('not there any more as you saw them')
  expect(at.git(['diff', '--cached', '--name-only'], dir)).toBe('')
})

test('part of a new file is staged, with odd names, Windows line ends and no line end at the end', async () => {
  using at = temporaryRepository()
  const { path: dir } = await at.session()
  for (const name of ['new file.txt', 'ü "quoted" \t.txt', '-dash.txt']) {
    writeFileSync(path.join(dir, name), 'one\r\ntwo\r\nlast')
    await applyLines(dir, lines('stage', name, '@@ -0,0 +1,1 @@', '+two\r'))
    expect(at.git(['cat-file', 'blob', `:${name}`], dir)).toBe('two')
    const rest = lines('stage', name, '@@ -1,1 +1,2 @@', ' two\r', '+last', '\\ No newline at end of file')
    await applyLines(dir, rest)
    expect(at.git(['cat-file', 'blob', `:${name}`], dir)).toBe('two\r\nlast')
  }
})

test('[F-9] what is given as hunks can name no other file', async () => {
  using at = temporaryRepository()
  const { path: dir } = await at.session()
  const other = ['--- a/README.md', '+++ b/README.md', '@@ -1 +1 @@', '-project', '+changed']
  const begun = ['@@ -1,1 +1,1 @@', '-one', '+ONE']
  await expect(applyLines(dir, lines('stage', 'src/a.txt', ...begun, ...other))).rejects.toThrow('not part of a hunk')
  await expect(applyLines(dir, lines('stage', 'src/a.txt', ...other))).rejects.toThrow('not part of a hunk')
  await expect(applyLines(dir, lines('stage', '../x', ...begun))).rejects.toThrow('leads out of the worktree')
  await expect(applyLines(dir, lines('stage', '.git/config', ...begun))).rejects.toThrow('inside a .git')
  await expect(applyLines(dir, lines('stage', 'src/a.txt', '@@ -1,5 +1,5 @@', '-one', '+ONE'))).rejects.toThrow(
    'ends too early',
  )
  expect(at.git(['status', '--porcelain'], dir)).toBe('')
})

test('after a restart it is known whether the lines were done', async () => {
  using at = temporaryRepository()
  const { path: dir } = await at.session()
  at.write('src/a.txt', 'ONE\ntwo\nthree\n', dir)
  const staging = lines('stage', 'src/a.txt', '@@ -1,2 +1,2 @@', '-one', '+ONE', ' two')
  expect(await linesAreDone(dir, staging)).toBe(false)
  await applyLines(dir, staging)
  expect(await linesAreDone(dir, staging)).toBe(true)
  const discarding = { ...staging, how: 'unstage' as const }
  expect(await linesAreDone(dir, discarding)).toBe(false)
  await applyLines(dir, discarding)
  expect(await linesAreDone(dir, discarding)).toBe(true)
})

test('[G-5] a commit is amended and signed off, but not one that is not of this session', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const { path: dir } = worktree
  await expect(requireOwnCommit(worktree)).rejects.toThrow('not one of this session')
  at.write('b.txt', 'b\n', dir)
  await stage(dir, 'all')
  await commit(dir, 'frist', ann)
  at.write('c.txt', 'c\n', dir)
  await stage(dir, 'all')
  await requireOwnCommit(worktree)
  await commit(dir, 'first', ann, { amend: true, signOff: true })
  expect(at.git(['log', '--format=%s', 'main..HEAD'], dir)).toBe('first')
  expect(at.git(['log', '-1', '--format=%b'], dir)).toBe('Signed-off-by: Ann <ann@example.org>')
  expect(at.git(['show', '--name-only', '--format=', 'HEAD'], dir)).toBe('b.txt\nc.txt')
  at.git(['merge', '--ff-only', worktree.branch])
  await expect(requireOwnCommit(worktree)).rejects.toThrow('not one of this session')
})
