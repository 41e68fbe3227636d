import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { perform } from '../../sessions/git-operation.ts'
import { temporaryRepository, type TemporaryRepository } from '../temporary-repository.ts'
import type { Worktree } from '../worktree.ts'

const ann = { name: 'Ann', email: 'ann@example.org' }
const operate = (worktree: Worktree, operation: Parameters<typeof perform>[2]) =>
  perform(worktree, 'op', operation, ann, () => undefined, {})
const commits = (message: string) => ({ kind: 'commit' as const, message, author: ann })

function hook(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(path.join(folder, name), 0o755)
}

/** A bare remote of the repository, known as origin. */
function withRemote(at: TemporaryRepository): string {
  const remote = path.join(at.root, 'remote.git')
  at.git(['clone', '--quiet', '--bare', at.repo, remote], at.root)
  at.git(['remote', 'add', 'origin', remote])
  return remote
}

async function commitOne(at: TemporaryRepository, worktree: Worktree): Promise<void> {
  at.write('new.txt', 'x\n', worktree.path)
  await operate(worktree, { kind: 'stage', paths: [] })
  await operate(worktree, commits('one'))
}

describe('hooks of the repository', () => {
  test('[G-5] [G-12] a hook that rejects is told in its own words, and what was staged stays staged', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const hooks = path.join(at.repo, '.git/hooks')
    hook(hooks, 'pre-commit', 'echo "lint: 3 problems in new.txt" >&2; exit 1')
    at.write('new.txt', 'x\n', worktree.path)
    await operate(worktree, { kind: 'stage', paths: [] })
    await expect(operate(worktree, commits('one'))).rejects.toThrow('lint: 3 problems in new.txt')
    expect(at.git(['diff', '--cached', '--name-only'], worktree.path)).toBe('new.txt')
    rmSync(path.join(hooks, 'pre-commit'))
    hook(hooks, 'commit-msg', 'grep -q "^[A-Z]*-[0-9]" "$1" || { echo "no ticket in the message"; exit 1; }')
    await expect(operate(worktree, commits('one'))).rejects.toThrow('no ticket in the message')
    expect((await operate(worktree, commits('HB-42 one'))).summary).toContain('HB-42 one')
  })
})

describe('remotes', () => {
  test('[G-6] [G-12] one that refuses is told in its own words', async () => {
    using at = temporaryRepository()
    const remote = withRemote(at)
    hook(path.join(remote, 'hooks'), 'pre-receive', 'echo "protected: ask the owners"; exit 1')
    const worktree = await at.session()
    await commitOne(at, worktree)
    await expect(operate(worktree, { kind: 'push' })).rejects.toThrow('protected: ask the owners')
  })

  test('[G-6] a branch that went on there is not overwritten', async () => {
    using at = temporaryRepository()
    const remote = withRemote(at)
    const worktree = await at.session()
    await commitOne(at, worktree)
    await operate(worktree, { kind: 'push' })
    const theirs = at.git(['commit-tree', 'HEAD^{tree}', '-p', worktree.branch, '-m', 'theirs'], remote)
    at.git(['update-ref', `refs/heads/${worktree.branch}`, theirs], remote)
    at.write('more.txt', 'x\n', worktree.path)
    await operate(worktree, { kind: 'stage', paths: [] })
    await operate(worktree, commits('two'))
    await expect(operate(worktree, { kind: 'push' })).rejects.toThrow(/rejected|fetch first/)
    expect(at.git(['rev-parse', worktree.branch], remote)).toBe(theirs)
  })

  test('[G-6] [G-7] one that is gone, and none at all, are said', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    await commitOne(at, worktree)
    await expect(operate(worktree, { kind: 'push' })).rejects.toThrow('no remote called origin')
    at.git(['remote', 'add', 'origin', path.join(at.root, 'gone.git')])
    await expect(operate(worktree, { kind: 'push' })).rejects.toThrow(/gone\.git/)
    await expect(operate(worktree, { kind: 'pullRemote' })).rejects.toThrow(/gone\.git/)
    expect(at.git(['status', '--porcelain'], worktree.path)).toBe('')
  })

  test('[G-6] [G-7] one that asks for a password is told so at once: nobody is there to type it', async () => {
    using at = temporaryRepository()
    const asking: Server = createServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end(),
    )
    await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve))
    try {
      const worktree = await at.session()
      await commitOne(at, worktree)
      at.git(['remote', 'add', 'origin', `http://127.0.0.1:${(asking.address() as AddressInfo).port}/x.git`])
      const words = /asks for a name and a password.*on the runner's machine/
      await expect(operate(worktree, { kind: 'push' })).rejects.toThrow(words)
      await expect(operate(worktree, { kind: 'pullRemote' })).rejects.toThrow(words)
    } finally {
      asking.closeAllConnections()
      await new Promise((resolve) => asking.close(resolve))
    }
  })
})
