import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Attachment } from '@coppice/events'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { temporaryRepository, type TemporaryRepository } from '../git/temporary-repository.ts'
import type { Worktree } from '../git/worktree.ts'
import { changeFiles } from './change-files.ts'
import { searchContent } from './content-search.ts'
import { listFolder } from './folder-listing.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const contentOf = (text: string): Attachment => ({
  sha256: sha256(text),
  size: Buffer.byteLength(text),
  type: 'text/plain',
  name: 'a file',
})

/** Changes files as the runner does; gives the checkpoints that were taken. */
function changing(worktree: Worktree) {
  const checkpoints: Checkpoint[] = []
  let n = 0
  const change = (operation: Parameters<typeof changeFiles>[1], text = '') => {
    n += 1
    return changeFiles(worktree, operation, {
      operationId: `operation${n}`,
      content: async () => Buffer.from(text),
      before: (checkpoint) => checkpoints.push(checkpoint),
    })
  }
  const save = (name: string, text: string, base: string) =>
    change({ kind: 'writeFile', path: name, content: contentOf(text), base }, text)
  return { change, save, checkpoints }
}

const inCheckpoint = (at: TemporaryRepository, { commit }: Checkpoint, name: string): string =>
  at.git(['show', `${commit}:${name}`])

describe('changing files', () => {
  test('[F-3] [F-4] files and folders are made, and saved whole, with the rights they had', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { change, save } = changing(worktree)
    expect(await change({ kind: 'makeFolder', path: 'new/deep folder' })).toBe('Made the folder new/deep folder.')
    expect(statSync(path.join(worktree.path, 'new/deep folder')).isDirectory()).toBe(true)
    expect(await save('new/ü.txt', 'first\n', 'absent')).toBe('Made new/ü.txt.')
    chmodSync(path.join(worktree.path, 'src/a.txt'), 0o755)
    const text = 'one\r\nzwei\r\n'
    expect(await save('src/a.txt', text, sha256('one\ntwo\nthree\n'))).toBe('Saved src/a.txt.')
    expect(readFileSync(path.join(worktree.path, 'src/a.txt'), 'utf8')).toBe(text)
    expect(statSync(path.join(worktree.path, 'src/a.txt')).mode & 0o777).toBe(0o755)
    // Done again, after a restart, it is the same.
    expect(await save('src/a.txt', text, sha256('one\ntwo\nthree\n'))).toBe('Saved src/a.txt.')
    expect(readdirSync(path.join(worktree.path, 'src'))).toEqual(['a.txt'])
  })

  test('what somebody else wrote meanwhile is not overwritten; where it is wanted, a checkpoint keeps it', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { save, checkpoints } = changing(worktree)
    writeFileSync(path.join(worktree.path, 'src/a.txt'), 'by the agent\n')
    await expect(save('src/a.txt', 'mine\n', sha256('one\ntwo\nthree\n'))).rejects.toThrow('changed meanwhile')
    await expect(save('src/a.txt', 'mine\n', 'absent')).rejects.toThrow('changed meanwhile')
    expect(readFileSync(path.join(worktree.path, 'src/a.txt'), 'utf8')).toBe('by the agent\n')
    await save('src/a.txt', 'mine\n', 'any')
    expect(readFileSync(path.join(worktree.path, 'src/a.txt'), 'utf8')).toBe('mine\n')
    expect(checkpoints.map((one) => inCheckpoint(at, one, 'src/a.txt'))).toEqual(['by the agent'])
  })

  test('[F-5] a file or folder is renamed, also into a new folder; never over another', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { change } = changing(worktree)
    await change({ kind: 'rename', path: 'src', to: 'lib/source' })
    expect(existsSync(path.join(worktree.path, 'lib/source/a.txt'))).toBe(true)
    await change({ kind: 'rename', path: 'src', to: 'lib/source' })
    await expect(change({ kind: 'rename', path: 'README.md', to: 'lib/source/a.txt' })).rejects.toThrow(
      'is there already. Nothing was renamed.',
    )
    await expect(change({ kind: 'rename', path: 'gone.txt', to: 'b.txt' })).rejects.toThrow('is not there any more')
    expect(readFileSync(path.join(worktree.path, 'README.md'), 'utf8')).toBe('project\n')
  })

  test('[F-6] [BE-9] what is deleted, tracked or new, stands in a checkpoint', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { change, checkpoints } = changing(worktree)
    writeFileSync(path.join(worktree.path, 'new.txt'), 'never committed\n')
    expect(await change({ kind: 'delete', paths: ['src', 'new.txt'] })).toContain('Deleted 2 files')
    expect(readdirSync(worktree.path).toSorted()).toEqual(['.git', '.gitignore', 'README.md'])
    const [kept] = checkpoints
    if (!kept) throw new Error('no checkpoint was taken')
    expect(inCheckpoint(at, kept, 'new.txt')).toBe('never committed')
    expect(inCheckpoint(at, kept, 'src/a.txt')).toBe('one\ntwo\nthree')
  })

  test('[F-9] nothing is written, renamed, deleted or listed outside the worktree or in .git', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const outside = path.join(at.root, 'outside')
    mkdirSync(outside)
    writeFileSync(path.join(outside, 'theirs.txt'), 'theirs\n')
    symlinkSync(outside, path.join(worktree.path, 'link'))
    symlinkSync(path.join(outside, 'theirs.txt'), path.join(worktree.path, 'to-file'))
    const { change, save } = changing(worktree)
    for (const name of ['../x', '/etc/x', '.git/config', 'src/.GIT/x', 'link/x', 'to-file', 'a/../../x', '']) {
      await expect(save(name, 'x', 'any')).rejects.toThrow(`"${name}"`)
      await expect(change({ kind: 'makeFolder', path: name })).rejects.toThrow(`"${name}"`)
    }
    for (const name of ['../x', '/etc/x', '.git', 'link/theirs.txt', '']) {
      await expect(change({ kind: 'delete', paths: [name] })).rejects.toThrow(`"${name}"`)
      await expect(change({ kind: 'rename', path: name, to: 'mine.txt' })).rejects.toThrow(`"${name}"`)
      await expect(change({ kind: 'rename', path: 'README.md', to: name })).rejects.toThrow(`"${name}"`)
    }
    for (const name of ['..', '/', '.git', 'link'])
      await expect(listFolder(worktree.path, name)).rejects.toThrow(`"${name}"`)
    expect(readFileSync(path.join(outside, 'theirs.txt'), 'utf8')).toBe('theirs\n')
    expect(readdirSync(outside)).toEqual(['theirs.txt'])
    // The link itself is of the worktree: it is deleted, and not what it leads to.
    await change({ kind: 'delete', paths: ['link'] })
    expect(existsSync(path.join(outside, 'theirs.txt'))).toBe(true)
  })
})

describe('looking at files', () => {
  test('a look takes no lock of git from who stages or commits at that moment', async () => {
    using at = temporaryRepository()
    const { path: dir } = await at.session()
    const index = path.resolve(dir, at.git(['rev-parse', '--git-path', 'index'], dir))
    const inode = (): number => statSync(index).ino
    // A file with another time makes git write its index anew, where it may.
    utimesSync(path.join(dir, 'README.md'), 1, 1)
    const before = inode()
    await listFolder(dir, '')
    expect(inode()).toBe(before)
    at.git(['status', '--porcelain'], dir)
    expect(inode()).not.toBe(before)
  })

  test('[F-1] a folder lists folders first, marks what git ignores and what changed', async () => {
    using at = temporaryRepository()
    const { path: dir } = await at.session()
    at.write('secret.env', 'x', dir)
    at.write('node_modules/x/y.js', 'x', dir)
    at.write('new file ü.txt', 'x', dir)
    at.write('src/a.txt', 'changed\n', dir)
    at.write('a10.txt', 'x', dir)
    at.write('a9.txt', 'x', dir)
    const { entries } = await listFolder(dir, '')
    expect(entries).toEqual([
      { name: 'node_modules', kind: 'folder', ignored: true },
      { name: 'src', kind: 'folder', changed: 'M' },
      { name: '.gitignore', kind: 'file' },
      { name: 'a9.txt', kind: 'file', changed: '?' },
      { name: 'a10.txt', kind: 'file', changed: '?' },
      { name: 'new file ü.txt', kind: 'file', changed: '?' },
      { name: 'README.md', kind: 'file' },
      { name: 'secret.env', kind: 'file', ignored: true },
    ])
    expect((await listFolder(dir, 'src')).entries).toEqual([{ name: 'a.txt', kind: 'file', changed: 'M' }])
  })

  test('[F-7] content is found by words and patterns, with case, globs, without what git ignores; a bad pattern is said', async () => {
    using at = temporaryRepository()
    const { path: dir } = await at.session()
    at.write('src/b.ts', 'const Needle = 1\nneedles (here)\n\tneedle.*\n', dir)
    at.write('docs/é.md', `${'x'.repeat(900)} needle at the end\r\n`, dir)
    at.write('secret.env', 'needle', dir)
    at.write('binary.bin', 'needle\0', dir)
    const look = async (text: string, more: Partial<Parameters<typeof searchContent>[1]> = {}) => {
      const asked = { kind: 'search', sessionId: 's', text, regex: false, matchCase: false, words: false } as const
      const { files } = await searchContent(dir, { ...asked, include: [], exclude: [], ...more })
      return Object.fromEntries(files.map((file) => [file.path, file.lines.map((one) => one.line)]))
    }
    expect(await look('needle')).toEqual({ 'docs/é.md': [1], 'src/b.ts': [1, 2, 3] })
    expect(await look('needle', { matchCase: true })).toEqual({ 'docs/é.md': [1], 'src/b.ts': [2, 3] })
    expect(await look('needle', { words: true })).toEqual({ 'docs/é.md': [1], 'src/b.ts': [1, 3] })
    expect(await look('needle.*')).toEqual({ 'src/b.ts': [3] })
    expect(await look('^needles?', { regex: true })).toEqual({ 'src/b.ts': [2] })
    expect(await look('needle', { include: ['*.md'] })).toEqual({ 'docs/é.md': [1] })
    expect(await look('needle', { include: ['src/**'] })).toEqual({ 'src/b.ts': [1, 2, 3] })
    expect(await look('needle', { exclude: ['*.md'] })).toEqual({ 'src/b.ts': [1, 2, 3] })
    expect(await look('-e')).toEqual({})
    await expect(look('(', { regex: true })).rejects.toThrow(/parenthes|\(/i)
    const asked = {
      kind: 'search',
      sessionId: 's',
      text: 'needle',
      regex: false,
      matchCase: false,
      words: false,
    } as const
    const { files } = await searchContent(dir, { ...asked, include: [], exclude: [] })
    const [line] = files[0]?.lines ?? []
    expect(line?.text.slice(...(line.ranges[0] ?? []))).toBe('needle')
    expect(line?.text.length).toBeLessThanOrEqual(400)
  })
})
