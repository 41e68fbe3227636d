import { symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DiffScope, QueryAnswer } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { Redaction } from '../agents/redaction.ts'
import { createCheckpoint } from '../checkpoints/checkpoint.ts'
import { commit } from '../git/commit.ts'
import { stage } from '../git/staging.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import type { Worktree } from '../git/worktree.ts'
import { SessionDiffs } from './session-diffs.ts'

const ann = { name: 'Ann', email: 'ann@example.org' }
type Files = Extract<QueryAnswer<'diff.files'>, { ok: true }>

async function files(diffs: SessionDiffs, worktree: Worktree, scope: DiffScope, ignoreSpace = false): Promise<Files> {
  const found = await diffs.files(worktree, {
    kind: 'diff.files',
    sessionId: worktree.sessionId,
    scope,
    ignoreSpace,
  })
  if (!found.ok) throw new Error(found.message)
  return found
}

async function patch(diffs: SessionDiffs, worktree: Worktree, of: Files, name: string, offset = 0) {
  const from = of.files.find((file) => file.path === name)?.from
  const found = await diffs.patches(worktree, {
    kind: 'diff.patches',
    sessionId: worktree.sessionId,
    from: of.from,
    to: of.to,
    ignoreSpace: false,
    files: [{ path: name, ...(from && { from }) }],
    offset,
  })
  if (!found.ok) throw new Error(found.message)
  return found.patches[0] ?? { path: name, patch: '' }
}

const names = (of: Files): string[] => of.files.map((file) => file.path)

test('[TD-4] each scope compares what it says: the branch point, the last commit, staged, not staged, a checkpoint, a commit', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const { path: dir } = worktree
  const diffs = new SessionDiffs(new Redaction([]))
  at.write('committed.txt', 'c\n', dir)
  await stage(dir, 'all')
  const made = await commit(dir, 'one', ann)
  at.write('staged.txt', 's\n', dir)
  await stage(dir, 'all')
  await createCheckpoint(worktree, 'before', 'before')
  at.write('src/a.txt', 'one\nzwei\nthree\n', dir)
  at.write('new.txt', 'n\n', dir)
  expect(names(await files(diffs, worktree, { kind: 'base' }))).toEqual([
    'committed.txt',
    'new.txt',
    'src/a.txt',
    'staged.txt',
  ])
  expect(names(await files(diffs, worktree, { kind: 'head' }))).toEqual(['new.txt', 'src/a.txt', 'staged.txt'])
  expect(names(await files(diffs, worktree, { kind: 'staged' }))).toEqual(['staged.txt'])
  expect(names(await files(diffs, worktree, { kind: 'index' }))).toEqual(['new.txt', 'src/a.txt'])
  const since = await files(diffs, worktree, { kind: 'checkpoint', from: 'before' })
  expect(names(since)).toEqual(['new.txt', 'src/a.txt'])
  expect((await patch(diffs, worktree, since, 'src/a.txt')).patch).toContain('-two\n+zwei\n three')
  await createCheckpoint(worktree, 'after', 'after')
  at.write('later.txt', 'l\n', dir)
  expect(names(await files(diffs, worktree, { kind: 'checkpoint', from: 'before', to: 'after' }))).toEqual([
    'new.txt',
    'src/a.txt',
  ])
  expect(names(await files(diffs, worktree, { kind: 'commit', commit: made.commit }))).toEqual(['committed.txt'])
  const elsewhere = at.git(['commit-tree', 'HEAD^{tree}', '-m', 'not ours'])
  await expect(files(diffs, worktree, { kind: 'commit', commit: elsewhere })).rejects.toThrow('not on the branch')
  await expect(files(diffs, worktree, { kind: 'checkpoint', from: 'none' })).rejects.toThrow('not on this runner')
})

test('patches are of the moment of the list, whatever is written since; lines around them too', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const diffs = new SessionDiffs(new Redaction([]))
  const long = Array.from({ length: 100 }, (_, n) => `line ${n + 1}`)
  at.write('long.txt', `${long.join('\n')}\n`, worktree.path)
  const then = await files(diffs, worktree, { kind: 'base' })
  at.write('long.txt', 'all gone\n', worktree.path)
  expect((await patch(diffs, worktree, then, 'long.txt')).patch).toContain('+line 100')
  const lines = await diffs.lines(worktree, {
    kind: 'diff.lines',
    sessionId: worktree.sessionId,
    tree: then.to,
    path: 'long.txt',
    from: 10,
    to: 12,
  })
  expect(lines).toEqual({ ok: true, lines: ['line 10', 'line 11', 'line 12'], total: 100 })
})

test('a tree that the session was not given is not read', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const diffs = new SessionDiffs(new Redaction([]))
  const tree = at.git(['rev-parse', 'HEAD^{tree}'])
  const ask = { kind: 'diff.lines' as const, sessionId: worktree.sessionId, tree, path: 'README.md', from: 1, to: 1 }
  await expect(diffs.lines(worktree, ask)).rejects.toThrow('look again')
  await files(diffs, worktree, { kind: 'base' })
  expect(await diffs.lines(worktree, ask)).toMatchObject({ lines: ['project'] })
  await expect(diffs.lines(worktree, { ...ask, path: '../README.md' })).rejects.toThrow('leads out')
})

test('renames, odd names, a binary file, a link that was a file, and a changed mode are told apart', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const { path: dir } = worktree
  const diffs = new SessionDiffs(new Redaction([]))
  at.git(['mv', 'src/a.txt', 'src/b "ü" \t.txt'], dir)
  at.write('blob.bin', 'a\0b', dir)
  at.git(['rm', '--quiet', 'README.md'], dir)
  symlinkSync('src', path.join(dir, 'README.md'))
  at.write('diff --git a b', 'x\n', dir)
  writeFileSync(path.join(dir, 'run.sh'), 'diff --git a/x b/x\n', { mode: 0o755 })
  const found = await files(diffs, worktree, { kind: 'base' })
  expect(found.files.map(({ path: name, from, status, binary, is }) => [name, from, status, binary, is])).toEqual([
    ['README.md', undefined, 'type_changed', false, 'link'],
    ['blob.bin', undefined, 'added', true, undefined],
    ['diff --git a b', undefined, 'added', false, undefined],
    ['run.sh', undefined, 'added', false, undefined],
    ['src/b "ü" \t.txt', 'src/a.txt', 'renamed', false, undefined],
  ])
  const answer = await diffs.patches(worktree, {
    kind: 'diff.patches',
    sessionId: worktree.sessionId,
    from: found.from,
    to: found.to,
    ignoreSpace: false,
    offset: 0,
    files: found.files.map(({ path: name, from }) => ({ path: name, ...(from && { from }) })),
  })
  const patches = answer.ok ? answer.patches : []
  expect(patches.map((one) => one.path)).toEqual(names(found))
  expect(patches[0]?.patch).toContain('-project')
  expect(patches[0]?.patch).toContain('+src\n')
  expect(patches[1]?.patch).toContain('Binary files')
  expect(patches[2]?.patch).toContain('+x')
  expect(patches[3]?.patch).toContain('+diff --git a/x b/x')
  expect(patches[4]?.patch).toContain('rename to')
})

test('a patch of many megabytes comes in parts that make the whole', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const diffs = new SessionDiffs(new Redaction([]))
  const text = Array.from({ length: 60_000 }, (_, n) => `a line of the large file, number ${n}`).join('\n')
  at.write('large.txt', `${text}\n`, worktree.path)
  const found = await files(diffs, worktree, { kind: 'base' })
  let whole = ''
  let offset: number | undefined = 0
  let parts = 0
  while (offset !== undefined) {
    const one: { patch: string; next?: number | undefined } = await patch(diffs, worktree, found, 'large.txt', offset)
    whole += one.patch
    offset = one.next
    parts += 1
  }
  expect(parts).toBeGreaterThan(1)
  expect(whole.split('\n').filter((line) => line.startsWith('+a line'))).toHaveLength(60_000)
})

test('white space alone can be left out, and secrets are taken out of everything', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const diffs = new SessionDiffs(new Redaction(['s3cret-value']))
  at.write('src/a.txt', '  one\ntwo s3cret-value\nthree\n', worktree.path)
  const found = await files(diffs, worktree, { kind: 'base' }, true)
  expect(found.files).toMatchObject([{ additions: 1, deletions: 1 }])
  const shown = await patch(diffs, worktree, found, 'src/a.txt')
  expect(shown.patch).toContain('+two [redacted]')
  expect(shown.patch).not.toContain('s3cret')
})

test('with conflicts in the index it is said why nothing can be told of what is staged', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const { path: dir } = worktree
  at.write('src/a.txt', 'ours\n', dir)
  await stage(dir, 'all')
  await commit(dir, 'ours', ann)
  at.git(['checkout', '--quiet', '-b', 'other', 'main'])
  at.write('src/a.txt', 'theirs\n')
  at.git(['commit', '--quiet', '-am', 'theirs'])
  expect(() => at.git(['merge', 'other'], dir)).toThrow('merge other')
  const diffs = new SessionDiffs(new Redaction([]))
  await expect(files(diffs, worktree, { kind: 'staged' })).rejects.toThrow('There are conflicts')
  expect(names(await files(diffs, worktree, { kind: 'head' }))).toEqual(['src/a.txt'])
})
