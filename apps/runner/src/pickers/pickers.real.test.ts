import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { providerById } from '../agents/providers.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import type { TemporaryRepository } from '../git/temporary-repository.ts'
import { Pickers } from './pickers.ts'

const skill = (name: string, description: string): string =>
  `---\nname: ${name}\ndescription: ${description}\n---\n# ${name}\n`

/** Asks as a session with this provider would. */
async function commandsOf(at: TemporaryRepository, pickers: Pickers, provider: string, worktree: string) {
  const known = await providerById(provider, at.data)
  return pickers.commands('session1', known, { worktree, env: { HOME: path.join(at.root, 'home') } })
}

test('the files of a worktree: tracked and new ones, not ignored, deleted or nested ones', async () => {
  using at = temporaryRepository()
  const { path: worktree } = await at.session()
  at.write('notes/with spaces.md', 'new', worktree)
  at.write('secret.env', 'TOKEN=1', worktree)
  at.write('node_modules/x/index.js', '', worktree)
  rmSync(path.join(worktree, 'README.md'))
  mkdirSync(path.join(worktree, 'other'))
  at.git(['init', '--quiet'], path.join(worktree, 'other'))
  at.write('other/inner.txt', '', worktree)
  let now = 0
  const { files } = new Pickers(() => now)
  const all = await files.find(worktree, '')
  expect(all).toMatchObject({ ok: true, total: 3, truncated: false })
  expect(all.ok && [...all.paths].sort()).toEqual(['.gitignore', 'notes/with spaces.md', 'src/a.txt'])
  expect(await files.find(worktree, 'spaces')).toMatchObject({ paths: ['notes/with spaces.md'] })

  at.write('src/later.ts', '', worktree)
  now = 1e9
  expect(await files.find(worktree, 'later')).toMatchObject({ paths: ['src/later.ts'], total: 4 })
})

test('a worktree that is gone is said, and looked at again when it is back', async () => {
  using at = temporaryRepository()
  const { files } = new Pickers(() => 0)
  const folder = path.join(at.root, 'later')
  await expect(files.find(folder, '')).rejects.toThrow('directory')
  mkdirSync(folder)
  at.git(['init', '--quiet'], folder)
  at.write('here.txt', '', folder)
  expect(await files.find(folder, '')).toMatchObject({ paths: ['here.txt'] })
})

test('[SL-2, SL-3] commands and skills are found in worktree and home, differ with the provider, and follow their files', async () => {
  using at = temporaryRepository()
  const { path: worktree } = await at.session()
  const home = path.join(at.root, 'home')
  at.write('.claude/commands/deploy/ship.md', '---\ndescription: "Ships it"\n---\nShip $ARGUMENTS', worktree)
  at.write('.claude/skills/pdf/SKILL.md', skill('pdf', 'Reads papers'), worktree)
  at.write('.claude/skills/tidy/SKILL.md', skill('tidy', 'at home'), home)
  at.write('.claude/skills/pdf/SKILL.md', skill('pdf', 'the one at home'), home)
  at.write('.gemini/commands/git/fix.toml', 'description = "Fixes an issue"\nprompt = "Fix"', worktree)
  at.write('.opencode/command/review.md', '# Looks at the change', worktree)
  const pickers = new Pickers(() => 0)
  expect(await commandsOf(at, pickers, 'claude-code', worktree)).toEqual([
    { text: '/ship', description: 'Ships it', kind: 'command', from: 'worktree' },
    { text: '/pdf', description: 'Reads papers', kind: 'skill', from: 'worktree' },
    { text: '/tidy', description: 'at home', kind: 'skill', from: 'home' },
  ])
  expect(await commandsOf(at, pickers, 'gemini', worktree)).toEqual([
    { text: '/git:fix', description: 'Fixes an issue', kind: 'command', from: 'worktree' },
  ])
  expect((await commandsOf(at, pickers, 'opencode', worktree)).map(({ text }) => text)).toEqual([
    '/review',
    '/pdf',
    '/tidy',
  ])
  expect(await commandsOf(at, pickers, 'script', worktree)).toEqual([])

  at.write('.claude/commands/deploy/ship.md', '---\ndescription: Ships it well\n---\n', worktree)
  at.write('.claude/commands/new.md', 'Something new', worktree)
  rmSync(path.join(worktree, '.claude/skills/pdf'), { recursive: true })
  expect(await commandsOf(at, pickers, 'claude-code', worktree)).toMatchObject([
    { text: '/new', description: 'Something new' },
    { text: '/ship', description: 'Ships it well' },
    { text: '/pdf', from: 'home' },
    { text: '/tidy' },
  ])
})

test("a repository's links lead nowhere: what they point at is not read", async () => {
  using at = temporaryRepository()
  const { path: worktree } = await at.session()
  at.write('private/key.md', 'a secret')
  mkdirSync(path.join(worktree, '.claude/skills/s'), { recursive: true })
  symlinkSync(path.join(at.repo, 'private'), path.join(worktree, '.claude/commands'))
  symlinkSync(path.join(at.repo, 'private/key.md'), path.join(worktree, '.claude/skills/s/SKILL.md'))
  expect(await commandsOf(at, new Pickers(() => 0), 'claude-code', worktree)).toEqual([])
})
