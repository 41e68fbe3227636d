import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House } from './house.ts'

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

/** What a person writes, sent ahead of the command that names it. */
async function written(text: string) {
  const bytes = Buffer.from(text)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const put = await fetch(`${house.started.url}/blobs/${house.workspaceId}/${sha256}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${house.started.ownerToken}`, 'content-type': 'text/plain' },
    body: bytes,
  })
  expect([200, 201, 204]).toContain(put.status)
  return { sha256, size: bytes.length, type: 'text/plain', name: 'text' }
}

test('[F-1] [F-3] [G-12] a file is read, saved beside a working agent, and each change is a pair of events', async () => {
  const session = await house.session('```sh\nwhile [ ! -e go ]; do sleep 0.05; done\n```')
  await session.until('tool.started')
  const asked = { kind: 'file.read', sessionId: session.id, path: 'src/a.txt' } as const
  const before = await house.query(asked)
  expect(before).toMatchObject({ ok: true, text: 'one\ntwo\nthree\n' })
  const content = await written('one\nzwei\nthree\n')
  const saved = await session.git({ kind: 'writeFile', path: 'src/a.txt', content, base: String(before['sha256']) })
  expect(saved).toMatchObject({ type: 'git.completed', data: { summary: 'Saved src/a.txt.' } })
  expect(session.types).not.toContain('turn.ended')
  expect(readFileSync(path.join(session.worktree, 'src/a.txt'), 'utf8')).toBe('one\nzwei\nthree\n')
  expect(await house.query({ kind: 'tree', sessionId: session.id, path: 'src' })).toEqual({
    ok: true,
    entries: [{ name: 'a.txt', kind: 'file', changed: 'M' }],
    truncated: false,
  })
  writeFileSync(path.join(session.worktree, 'src/a.txt'), 'by the agent\n')
  const late = await session.git({ kind: 'writeFile', path: 'src/a.txt', content, base: String(before['sha256']) })
  // The bytes were there before, so nothing is left to do only where they are there now.
  expect(late).toMatchObject({ type: 'git.failed' })
  expect(String(late.data['message'])).toContain('changed meanwhile')
  writeFileSync(path.join(session.worktree, 'go'), '')
  await session.until('turn.ended')
  const found = await house.query({
    kind: 'search',
    sessionId: session.id,
    text: 'agent',
    regex: false,
    matchCase: true,
    words: false,
    include: [],
    exclude: [],
  })
  expect(found).toMatchObject({ ok: true, files: [{ path: 'src/a.txt', lines: [{ line: 1, ranges: [[7, 12]] }] }] })
})

test('[F-9] [AC-2] what lies outside the worktree is neither read, listed nor written', async () => {
  const session = await house.session('Hello.')
  await session.until('turn.ended')
  const content = await written('x')
  for (const name of ['../../secret', '/etc/passwd', '.git/config']) {
    expect(await house.query({ kind: 'file.read', sessionId: session.id, path: name })).toMatchObject({ ok: false })
    expect(await house.query({ kind: 'tree', sessionId: session.id, path: name })).toMatchObject({ ok: false })
    const refused = await session.git({ kind: 'writeFile', path: name, content, base: 'any' })
    expect(refused.type).toBe('git.failed')
  }
})
