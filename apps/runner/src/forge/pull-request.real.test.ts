import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commit } from '../git/commit.ts'
import { stage } from '../git/staging.ts'
import { temporaryRepository, type TemporaryRepository } from '../git/temporary-repository.ts'
import type { Worktree } from '../git/worktree.ts'
import { ForgeDouble } from './forge-double.ts'
import { forgeOf, readRemote } from './forge-of.ts'
import { makePullRequest, readPullRequest } from './pull-request.ts'

const wanted = { kind: 'pullRequest' as const, title: 'Count the rings', body: 'By twos.', draft: true }

let double: ForgeDouble
beforeEach(async () => {
  double = await ForgeDouble.start()
})
afterEach(() => double.close())

/** A session with a commit; its origin has the address of a forge, and is a folder of this machine. */
async function withOrigin(at: TemporaryRepository, address: string): Promise<Worktree> {
  const remote = path.join(at.root, 'remote.git')
  at.git(['clone', '--quiet', '--bare', at.repo, remote], at.root)
  at.git(['remote', 'add', 'origin', address])
  at.git(['config', `url.${remote}.insteadOf`, address])
  const worktree = await at.session()
  at.write('src/a.txt', 'one\nzwei\nthree\n', worktree.path)
  await stage(worktree.path, 'all')
  await commit(worktree.path, 'two is zwei', { name: 'Ann', email: 'ann@example.org' })
  return worktree
}

const pushed = (at: TemporaryRepository, worktree: Worktree): string =>
  at.git(['rev-parse', `refs/heads/${worktree.branch}`], path.join(at.root, 'remote.git'))

describe.each([
  ['github', 'https://github.com/mara/rings.git', 'GITHUB_TOKEN', 'https://github.com/mara/rings/pull/1'],
  ['gitlab', 'git@gitlab.com:mara/rings.git', 'GITLAB_TOKEN', 'https://gitlab.com/mara/rings/-/merge_requests/1'],
] as const)('%s', (kind, address, tokenName, url) => {
  const environment = () => ({ [tokenName]: double.token, COPPICE_FORGE_API: double.url })

  test('[G-14] the branch is pushed and a draft made of it; its checks and comments are read; asking again changes nothing', async () => {
    using at = temporaryRepository()
    const worktree = await withOrigin(at, address)
    expect(await readPullRequest(worktree, environment())).toMatchObject({ ok: true, forge: kind })
    const made = await makePullRequest(worktree, wanted, environment())
    expect(made).toMatchObject({ url })
    expect(made.summary).toContain('Opened draft pull request 1')
    expect(pushed(at, worktree)).toBe(at.git(['rev-parse', 'HEAD'], worktree.path))
    expect(double.made).toMatchObject([{ branch: worktree.branch, base: 'main', body: 'By twos.', draft: true }])
    const again = await makePullRequest(worktree, wanted, environment())
    expect(again.summary).toContain('which is open')
    expect(double.made).toHaveLength(1)
    const read = await readPullRequest(worktree, environment())
    const request = read.ok ? read.request : undefined
    expect(request).toMatchObject({ number: 1, url, state: 'open', draft: true })
    expect(request?.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'test failed',
      'lint running',
      'deploy passed',
    ])
    expect(request?.comments.map(({ author, text, path: file, line }) => [author, text, file, line])).toEqual([
      ['ines', 'Nice.', undefined, undefined],
      ['jo', 'Why two?', 'src/a.txt', 2],
    ])
  })

  test('[G-14] without a token the branch is pushed, and the address is given where a person goes on', async () => {
    using at = temporaryRepository()
    const worktree = await withOrigin(at, address)
    const done = await makePullRequest(worktree, wanted, {})
    expect(pushed(at, worktree)).not.toBe('')
    expect(done.summary).toContain(`No ${tokenName} is set`)
    expect(done.url).toContain(kind === 'github' ? '/compare/main...coppice/' : 'source_branch%5D=coppice%2F')
    expect(await readPullRequest(worktree, {})).toMatchObject({ ok: true, forge: 'locked', compareUrl: done.url })
    expect(double.asked).toEqual([])
  })

  test('a forge that refuses says why, and what to do; the token is in no message', async () => {
    using at = temporaryRepository()
    const worktree = await withOrigin(at, address)
    const wrong = { ...environment(), [tokenName]: 'another-token-9876543210' }
    const refusal = await makePullRequest(worktree, wanted, wrong).catch((error: Error) => error.message)
    expect(refusal).toContain('does not take the token')
    expect(refusal).not.toContain('another-token')
    double.refuse = { status: 403, body: { message: 'API rate limit exceeded' } }
    await expect(readPullRequest(worktree, environment())).rejects.toThrow(/not now \(403\).*rate limit/)
    double.refuse = { status: 200, body: { hello: 'world' } }
    await expect(readPullRequest(worktree, environment())).rejects.toThrow('in a form that is not known')
    await expect(
      readPullRequest(worktree, { ...environment(), COPPICE_FORGE_API: 'http://127.0.0.1:9' }),
    ).rejects.toThrow('could not be reached')
  })
})

test("what a forge's own check refuses is told in its words", async () => {
  using at = temporaryRepository()
  const worktree = await withOrigin(at, 'https://github.com/mara/rings.git')
  const environment = { GITHUB_TOKEN: double.token, COPPICE_FORGE_API: double.url }
  await expect(makePullRequest(worktree, { ...wanted, title: 'refuse me' }, environment)).rejects.toThrow(
    'Validation Failed; No commits between main and it',
  )
})

test('a host that nobody named gets no token, whatever it is called', async () => {
  using at = temporaryRepository()
  const worktree = await withOrigin(at, 'https://github.evil.example/mara/rings.git')
  const tokens = { GITHUB_TOKEN: double.token, GITLAB_TOKEN: double.token, COPPICE_FORGE_API: double.url }
  expect(await forgeOf(worktree, tokens)).toEqual({ kind: 'none', forge: undefined, compareUrl: undefined })
  expect((await makePullRequest(worktree, wanted, tokens)).summary).toContain('not known where pull requests are made')
  expect(double.asked).toEqual([])
  const named = { ...tokens, COPPICE_FORGE: 'github', COPPICE_FORGE_HOST: 'github.evil.example' }
  expect((await forgeOf(worktree, named)).kind).toBe('github')
})

test('addresses of origins are read in all their forms; a folder is none', () => {
  const rings = { host: 'gitlab.com', project: 'a/b/rings' }
  for (const address of [
    'https://gitlab.com/a/b/rings.git\n',
    'https://mara:secret@gitlab.com/a/b/rings/',
    'ssh://git@gitlab.com:2222/a/b/rings.git',
    'git@gitlab.com:a/b/rings.git',
  ])
    expect(readRemote(address)).toEqual(rings)
  for (const address of ['', '/srv/git/rings.git', '../rings', 'file:///srv/rings.git', 'C:\\rings'])
    expect(readRemote(address)).toBeUndefined()
})
