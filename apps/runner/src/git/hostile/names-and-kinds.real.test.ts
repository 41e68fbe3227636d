import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { Redaction } from '../../agents/redaction.ts'
import { createCheckpoint } from '../../checkpoints/checkpoint.ts'
import { SessionDiffs } from '../../diff/session-diffs.ts'
import { perform } from '../../sessions/git-operation.ts'
import { quickStatus } from '../status.ts'
import { temporaryRepository } from '../temporary-repository.ts'
import type { Worktree } from '../worktree.ts'

const ann = { name: 'Ann', email: 'ann@example.org' }
const operate = (worktree: Worktree, operation: Parameters<typeof perform>[2]) =>
  perform(worktree, 'op', operation, ann, () => undefined, {})

async function patchesOf(worktree: Worktree): Promise<ReadonlyMap<string, string>> {
  const diffs = new SessionDiffs(new Redaction([]))
  const { sessionId } = worktree
  const files = await diffs.files(worktree, {
    kind: 'diff.files',
    sessionId,
    scope: { kind: 'base' },
    ignoreSpace: false,
  })
  if (!files.ok) throw new Error(files.message)
  const { from, to } = files
  const named = files.files.map(({ path: name }) => ({ path: name }))
  const found = await diffs.patches(worktree, {
    kind: 'diff.patches',
    sessionId,
    from,
    to,
    ignoreSpace: false,
    offset: 0,
    files: named,
  })
  if (!found.ok) throw new Error(found.message)
  return new Map(found.patches.map((one) => [one.path, one.patch]))
}

const oddNames = [
  'ünïcödé/日本語 файл.txt',
  'cafe\u0301 (decomposed).txt',
  `${'long'.repeat(62)}.txt`,
  `${'deep/'.repeat(60)}file.txt`,
  ' leading and trailing .txt',
  '"quotes" and \\backslashes\\.txt',
  'new\nline.txt',
  '-rf.txt',
  ':(glob)**.txt',
  '[a-z]*.txt',
  '🌳.txt',
]

test('[G-2] [G-3] [G-4] [G-5] odd and very long names are staged, unstaged, compared, discarded and committed, each as itself', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const { path: dir } = worktree
  for (const name of oddNames) at.write(name, `in ${name.length}\n`, dir)
  const status = async () => (await quickStatus(dir)).files.map((file) => file.path).sort()
  expect(await status()).toEqual([...oddNames].sort())
  for (const name of oddNames) {
    await operate(worktree, { kind: 'stage', paths: [name] })
    const staged = (await quickStatus(dir)).files.filter((file) => file.index === 'A')
    expect(staged.map((file) => file.path)).toEqual([name])
    await operate(worktree, { kind: 'unstage', paths: [name] })
  }
  const patches = await patchesOf(worktree)
  for (const name of oddNames) expect(patches.get(name)).toContain(`+in ${name.length}`)
  const [first = '', ...others] = oddNames
  await operate(worktree, { kind: 'discard', paths: [first] })
  expect(await status()).toEqual([...others].sort())
  await operate(worktree, { kind: 'stage', paths: [] })
  await operate(worktree, { kind: 'commit', message: 'odd', author: ann })
  expect(await status()).toEqual([])
})

describe('links', () => {
  test('[F-9] [G-2] [G-4] a link is compared, staged and discarded as a link; where it leads is not touched', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { path: dir } = worktree
    const outside = path.join(at.root, 'outside.txt')
    writeFileSync(outside, 'not ours\n')
    symlinkSync(outside, path.join(dir, 'out'))
    rmSync(path.join(dir, 'README.md'))
    symlinkSync('src/a.txt', path.join(dir, 'README.md'))
    const patches = await patchesOf(worktree)
    expect(patches.get('out')).toContain(`+${outside}`)
    expect(patches.get('out')).not.toContain('not ours')
    expect(patches.get('README.md')).toContain('+src/a.txt')
    await operate(worktree, { kind: 'stage', paths: ['out'] })
    expect(at.git(['cat-file', 'blob', ':out'], dir)).toBe(outside)
    await operate(worktree, { kind: 'discard', paths: ['out', 'README.md'] })
    expect(existsSync(path.join(dir, 'out'))).toBe(false)
    expect(lstatSync(path.join(dir, 'README.md')).isSymbolicLink()).toBe(false)
    expect(readFileSync(outside, 'utf8')).toBe('not ours\n')
    const hunks = '@@ -1,1 +1,1 @@\n-not ours\n+ours\n'
    symlinkSync(outside, path.join(dir, 'out'))
    await expect(operate(worktree, { kind: 'lines', how: 'discard', path: 'out', hunks })).rejects.toThrow(/out/)
    expect(readFileSync(outside, 'utf8')).toBe('not ours\n')
    expect(readlinkSync(path.join(dir, 'out'))).toBe(outside)
  })
})

describe('what is no plain text', () => {
  test('[TD-4] a binary file is said to be one, and comes back as it was', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const file = path.join(worktree.path, 'picture.bin')
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7) % 256))
    writeFileSync(file, bytes)
    expect((await patchesOf(worktree)).get('picture.bin')).toContain('Binary files')
    await operate(worktree, { kind: 'stage', paths: ['picture.bin'] })
    await operate(worktree, { kind: 'commit', message: 'picture', author: ann })
    writeFileSync(file, 'gone')
    await operate(worktree, { kind: 'discard', paths: ['picture.bin'] })
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('[G-2] [G-4] Windows line ends, kept or turned by git, do not make changes of their own; hunks are staged and discarded', async () => {
    using at = temporaryRepository()
    at.write('.gitattributes', '*.win text eol=crlf\n*.raw -text\n')
    at.write('a.win', 'one\r\ntwo\r\nthree\r\n')
    at.write('b.raw', 'one\r\ntwo\r\nthree\r\n')
    at.git(['add', '--all'])
    at.git(['commit', '--quiet', '-m', 'line ends'])
    const worktree = await at.session()
    const { path: dir } = worktree
    expect((await quickStatus(dir)).files).toEqual([])
    expect(readFileSync(path.join(dir, 'a.win'), 'utf8')).toBe('one\r\ntwo\r\nthree\r\n')
    for (const name of ['a.win', 'b.raw']) at.write(name, 'ONE\r\ntwo\r\nTHREE\r\n', dir)
    const end = { 'a.win': '', 'b.raw': '\r' }
    const patches = await patchesOf(worktree)
    for (const name of ['a.win', 'b.raw'] as const) {
      expect(patches.get(name)).toContain(`-one${end[name]}\n+ONE${end[name]}\n`)
      const first = `@@ -1,2 +1,2 @@\n-one${end[name]}\n+ONE${end[name]}\n two${end[name]}\n`
      await operate(worktree, { kind: 'lines', how: 'stage', path: name, hunks: first })
      expect(at.git(['cat-file', 'blob', `:${name}`], dir)).toBe(
        `ONE${end[name]}\ntwo${end[name]}\nthree${end[name]}`.trim(),
      )
      const last = `@@ -2,2 +2,2 @@\n two${end[name]}\n-three${end[name]}\n+THREE${end[name]}\n`
      await operate(worktree, { kind: 'lines', how: 'discard', path: name, hunks: last })
      expect(readFileSync(path.join(dir, name), 'utf8')).toBe('ONE\r\ntwo\r\nthree\r\n')
    }
  })

  test('[TD-4] a pointer of Git LFS is compared and staged as the text it is', async () => {
    using at = temporaryRepository()
    const pointer = (sha: string): string =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${sha.repeat(64)}\nsize 12\n`
    at.write('.gitattributes', '*.psd filter=lfs diff=lfs merge=lfs -text\n')
    at.write('art.psd', pointer('a'))
    at.git(['add', '--all'])
    at.git(['commit', '--quiet', '-m', 'art'])
    const worktree = await at.session()
    at.write('art.psd', pointer('b'), worktree.path)
    expect((await patchesOf(worktree)).get('art.psd')).toContain(`+oid sha256:${'b'.repeat(64)}`)
    await operate(worktree, { kind: 'stage', paths: ['art.psd'] })
    expect(at.git(['show', ':art.psd'], worktree.path)).toContain('b'.repeat(64))
  })
})

describe('submodules', () => {
  test('[G-1] [G-2] [G-4] a submodule at another commit is shown, staged and committed; its own work is never thrown away', async () => {
    using at = temporaryRepository()
    const inner = path.join(at.root, 'inner')
    execFileSync('git', ['clone', '--quiet', at.repo, inner], { stdio: 'ignore' })
    at.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'lib'])
    at.git(['commit', '--quiet', '-m', 'with a submodule'])
    const worktree = await at.session()
    const { path: dir } = worktree
    at.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init'], dir)
    const lib = path.join(dir, 'lib')
    expect((await quickStatus(dir)).files).toEqual([])
    at.write('work.txt', 'not committed\n', lib)
    expect((await quickStatus(dir)).files).toMatchObject([{ path: 'lib', worktree: 'M' }])
    await operate(worktree, { kind: 'discard', paths: ['lib'] })
    expect(readFileSync(path.join(lib, 'work.txt'), 'utf8')).toBe('not committed\n')
    at.git(['add', '--all'], lib)
    at.git(['commit', '--quiet', '-m', 'inside'], lib)
    expect((await patchesOf(worktree)).get('lib')).toMatch(/-Subproject commit [0-9a-f]{40}\n\+Subproject commit/)
    await createCheckpoint(worktree, 'with', 'a submodule that moved')
    await operate(worktree, { kind: 'stage', paths: ['lib'] })
    expect((await operate(worktree, { kind: 'commit', message: 'moved', author: ann })).summary).toContain('moved')
    expect((await quickStatus(dir)).files).toEqual([])
  })
})
