import { randomBytes } from 'node:crypto'
import { symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { QueryAnswer } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { Redaction } from '../agents/redaction.ts'
import { SessionDiffs } from '../diff/session-diffs.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import type { Worktree } from '../git/worktree.ts'

type Part = Extract<QueryAnswer<'picture.read'>, { ok: true }>

const diffs = new SessionDiffs(new Redaction(['sesame-open-123']))

async function read(worktree: Worktree, name: string, tree?: string): Promise<{ first: Part; bytes: Buffer }> {
  const parts: Part[] = []
  let next: number | undefined = 0
  while (next !== undefined) {
    const part: QueryAnswer<'picture.read'> = await diffs.picture(worktree, {
      kind: 'picture.read',
      sessionId: worktree.sessionId,
      path: name,
      offset: next,
      ...(tree !== undefined && { tree }),
    })
    if (!part.ok) throw new Error(part.message)
    parts.push(part)
    next = part.next
  }
  const [first] = parts
  if (!first) throw new Error('no part')
  return { first, bytes: Buffer.concat(parts.map((part) => Buffer.from(part.data, 'base64'))) }
}

const png = (rest: Uint8Array): Buffer => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), rest])

test('a picture comes in parts, byte for byte, from the worktree and from both sides of a comparison', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const before = png(randomBytes(1_300_000))
  const after = png(randomBytes(600_000))
  writeFileSync(path.join(worktree.path, 'shot.png'), before)
  at.git(['add', '-A'], worktree.path)
  at.git(['commit', '-qm', 'a picture'], worktree.path)
  writeFileSync(path.join(worktree.path, 'shot.png'), after)
  const sides = await diffs.files(worktree, {
    kind: 'diff.files',
    sessionId: worktree.sessionId,
    scope: { kind: 'head' },
    ignoreSpace: false,
  })
  if (!sides.ok) throw new Error(sides.message)
  expect((await read(worktree, 'shot.png', sides.from)).bytes.equals(before)).toBe(true)
  expect((await read(worktree, 'shot.png', sides.to)).bytes.equals(after)).toBe(true)
  const now = await read(worktree, 'shot.png')
  expect(now.bytes.equals(after)).toBe(true)
  expect(now.first).toMatchObject({ type: 'image/png', size: after.length })
  const foreign = at.git(['rev-parse', 'HEAD~1^{tree}'], worktree.path).trim()
  await expect(read(worktree, 'shot.png', foreign)).rejects.toThrow('look again')
})

test('the bytes say what a picture is, whatever its name says; a drawing keeps no secret', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const put = (name: string, content: string | Buffer): void => writeFileSync(path.join(worktree.path, name), content)
  put('a.png', Buffer.from('\xff\xd8\xff\xe0rest', 'latin1'))
  put('b.png', 'GIF89a....')
  put('c.png', 'RIFF....WEBPVP8 ')
  put('d.png', Buffer.from('\0\0\0\x20ftypavif', 'latin1'))
  put('e.svg', '<svg xmlns="http://www.w3.org/2000/svg"><text>sesame-open-123</text></svg>')
  const typeOf = async (name: string): Promise<string> => (await read(worktree, name)).first.type
  expect(await Promise.all(['a.png', 'b.png', 'c.png', 'd.png', 'e.svg'].map(typeOf))).toEqual([
    'image/jpeg',
    'image/gif',
    'image/webp',
    'image/avif',
    'image/svg+xml',
  ])
  expect((await read(worktree, 'e.svg')).bytes.toString()).not.toContain('sesame')
  put('page.png', '<html><script>alert(1)</script></html>')
  put('page.svg', '<html></html>')
  await expect(read(worktree, 'page.png')).rejects.toThrow('page.png cannot be shown as a picture')
  await expect(read(worktree, 'page.svg')).rejects.toThrow('page.svg cannot be shown as a picture')
  put('huge.png', png(Buffer.alloc(17 * 1024 * 1024)))
  await expect(read(worktree, 'huge.png')).rejects.toThrow('pictures of up to 16 MiB are shown')
})

test('[F-9] a picture outside the worktree is not read, not by name and not by a link', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  symlinkSync('/usr/share', path.join(worktree.path, 'out'))
  await expect(read(worktree, '../shot.png')).rejects.toThrow('..')
  await expect(read(worktree, '/etc/shot.png')).rejects.toThrow('absolute')
  await expect(read(worktree, 'out/shot.png')).rejects.toThrow('out of the worktree')
  await expect(read(worktree, '.git/shot.png')).rejects.toThrow('.git')
})
