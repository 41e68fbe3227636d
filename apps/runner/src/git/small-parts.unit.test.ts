import { describe, expect, test } from 'vitest'
import { branchName, nthBranchName } from './branch-name.ts'
import { QueueingLocks } from './queueing-lock.ts'
import { parseStatus } from './status.ts'
import { objectionToGit } from './version.ts'
import { checkUrl, redactUrl } from './mirror.ts'
import { parseRawAndNumstat } from '../checkpoints/changed-files.ts'

describe('branch names', () => {
  test('a name becomes a slug with the end of the session id', () => {
    expect(branchName('Fix the Ünïcode bug!', '0199aaaa-bbbb-7ccc-8ddd-eeee12345678')).toBe(
      'coppice/fix-the-unicode-bug-12345678',
    )
    expect(branchName('../../etc; rm -rf /', 'abc')).toBe('coppice/etc-rm-rf-abc')
    expect(branchName('日本語', 'abc')).toBe('coppice/session-abc')
    expect(nthBranchName('coppice/x-1', 3)).toBe('coppice/x-1-3')
  })
})

describe('the version of git', () => {
  test('an old git is named with the one that is needed', () => {
    expect(objectionToGit('git version 2.39.5')).toBeUndefined()
    expect(objectionToGit('git version 3.0.1 (Apple Git-1)')).toBeUndefined()
    expect(objectionToGit('git version 2.20.1')).toContain('git 2.20 is too old: Coppice needs git 2.38 or newer')
    expect(objectionToGit('hello')).toContain('"hello"')
  })
})

describe('addresses', () => {
  test('a transport that runs commands is refused, a password is not repeated', () => {
    expect(() => checkUrl('ext::sh -c id')).toThrow('is not a repository address')
    expect(() => checkUrl('--upload-pack=x')).toThrow('is not a repository address')
    expect(() => checkUrl('https://example.org/a.git')).not.toThrow()
    expect(() => checkUrl('git@example.org:a/b.git')).not.toThrow()
    expect(redactUrl('https://me:secret@example.org/a.git')).toBe('https://example.org/a.git')
  })
})

describe('queueing locks', () => {
  test('[G-13] operations on one lock run one after the other, in order, and none fails because another runs', async () => {
    const locks = new QueueingLocks()
    const seen: string[] = []
    const waits: string[] = []
    const work = (name: string, fails = false) =>
      locks.with(
        'session/1',
        name,
        async () => {
          seen.push(`${name} begins`)
          await new Promise((resolve) => setTimeout(resolve, 5))
          seen.push(`${name} ends`)
          if (fails) throw new Error(name)
        },
        (held) => waits.push(`${name} waits for ${held}`),
      )
    const results = await Promise.allSettled([work('a'), work('b', true), work('c')])
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(waits).toHaveLength(2)
    expect(locks.holder('session/1')).toBeUndefined()
  })

  test('other locks do not wait', async () => {
    const locks = new QueueingLocks()
    const release = await locks.take('session/1', 'agent')
    await locks.with('session/2', 'commit', async () => undefined)
    expect(locks.holder('session/1')).toBe('agent')
    release()
    release()
    await locks.with('session/1', 'commit', async () => undefined)
  })
})

describe('reading git', () => {
  test('porcelain v2 with renames, conflicts, spaces and new files', () => {
    const out = [
      '# branch.oid abc',
      '# branch.head coppice/x-1',
      '1 .M N... 100644 100644 100644 a a src/with space.txt',
      '2 R. N... 100644 100644 100644 a a R100 new name.txt',
      'old name.txt',
      'u UU N... 100644 100644 100644 100644 a b c both.txt',
      '? new.txt',
      '',
    ].join('\0')
    expect(parseStatus(out)).toEqual({
      branch: 'coppice/x-1',
      head: 'abc',
      files: [
        { path: 'src/with space.txt', index: '.', worktree: 'M', conflicted: false },
        { path: 'new name.txt', index: 'R', worktree: '.', renamedFrom: 'old name.txt', conflicted: false },
        { path: 'both.txt', index: 'U', worktree: 'U', conflicted: true },
        { path: 'new.txt', index: '.', worktree: '?', conflicted: false },
      ],
    })
  })

  test('raw and numstat together', () => {
    const out = [
      ':100644 100644 a b M',
      'a.txt',
      ':100644 100644 a b R100',
      'old.txt',
      'new.txt',
      ':000000 100644 0 b A',
      'bin',
      '1\t2\ta.txt',
      '0\t0\t',
      'old.txt',
      'new.txt',
      '-\t-\tbin',
      '',
    ].join('\0')
    expect(parseRawAndNumstat(out)).toEqual([
      { path: 'a.txt', status: 'modified', additions: 1, deletions: 2 },
      { path: 'new.txt', from: 'old.txt', status: 'renamed', additions: 0, deletions: 0 },
      { path: 'bin', status: 'added', additions: 0, deletions: 0, binary: true },
    ])
  })
})
