/**
 * What the browser asks of a worktree with 50,000 files, warm, 10 of them changed, beside bare git of the same run. They take turns.
 * Then the same with a new file of 100 MB in it, and what opening that one costs.
 *
 *   pnpm bench worktree [rounds] [files]
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { searchContent } from '../apps/runner/src/files/content-search.ts'
import { listFolder } from '../apps/runner/src/files/folder-listing.ts'
import { readText } from '../apps/runner/src/files/read-text.ts'
import { temporaryRepository } from '../apps/runner/src/git/temporary-repository.ts'
import { WorktreeFiles } from '../apps/runner/src/pickers/worktree-files.ts'
import { statusOf } from '../apps/runner/src/queries/status-answer.ts'

const rounds = Number(process.argv[2] ?? 7)
const files = Number(process.argv[3] ?? 50_000)
const changed = 10
const LARGE_BYTES = 100 * 1024 * 1024

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

using at = temporaryRepository()
for (let n = 0; n < files; n += 1)
  at.write(`part${n % 50}/of${n % 500}/file${n}.ts`, `export const value${n} = ${n}\n// line of ${n % 977}\n`.repeat(8))
at.git(['add', '--all'])
at.git(['commit', '--quiet', '-m', 'many'])
const worktree = await at.session()
const dir = worktree.path

const bare = (...args: string[]): void =>
  void execFileSync('git', args, {
    cwd: dir,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  })
const gitStatus = (): void => bare('status', '--porcelain=v2', '--branch', '--untracked-files=all')
const look = (text: string, regex: boolean): Promise<unknown> =>
  searchContent(dir, {
    kind: 'search',
    sessionId: '',
    text,
    regex,
    matchCase: true,
    words: false,
    include: [],
    exclude: [],
  })

interface Compared {
  readonly what: string
  readonly ours: () => Promise<unknown>
  readonly bare: () => void
}

// Each question for files finds a list that is too old, as the first letter does; the letters after it have it already.
let clock = 0
const fresh = new WorktreeFiles(() => (clock += 1_000_000))
const kept = new WorktreeFiles(() => 0)
await kept.find(dir, '')
const lsFiles = (): void => bare('ls-files', '--cached', '--others', '--exclude-standard', '-z')

const compared: readonly Compared[] = [
  { what: 'Git tab, against git status', ours: () => statusOf(worktree), bare: gitStatus },
  { what: 'top of the tree, against git status', ours: () => listFolder(dir, ''), bare: gitStatus },
  { what: 'a folder of 1,000, against git status', ours: () => listFolder(dir, 'part1'), bare: gitStatus },
  { what: 'quick open, first letter, against git ls-files', ours: () => fresh.find(dir, 'file4242'), bare: lsFiles },
  { what: 'quick open, next letter, against git ls-files', ours: () => kept.find(dir, 'file4242'), bare: lsFiles },
  {
    what: 'search, few hits, against git grep',
    ours: () => look('value4242 ', false),
    bare: () => bare('grep', '--line-number', '-I', '--untracked', '--fixed-strings', '-e', 'value4242 '),
  },
  {
    what: 'search, a pattern, against git grep',
    ours: () => look('value4[0-9]42 ', true),
    bare: () => bare('grep', '--line-number', '-I', '--untracked', '--extended-regexp', '-e', 'value4[0-9]42 '),
  },
]

async function compare({ what, ours, bare: baseline }: Compared): Promise<void> {
  const took = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    for (let n = 0; n < changed; n += 1) at.write(`part${n}/of${n}/file${n}.ts`, `round ${round}\n`, dir)
    let began = performance.now()
    baseline()
    const plain = performance.now() - began
    began = performance.now()
    await ours()
    const own = performance.now() - began
    if (round === 0) continue
    took.bare.push(plain)
    took.ours.push(own)
  }
  const [own, plain] = [median(took.ours), median(took.bare)]
  const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(11)
  console.log(`${what.padEnd(48)} ${ms(own)} ${ms(plain)}  ${(own / plain).toFixed(2)}x`)
}

console.log(`${files} files, ${changed} changed; medians of ${rounds}`)
for (const one of compared) await compare(one)

writeFileSync(path.join(dir, 'large.bin.txt'), Buffer.alloc(LARGE_BYTES, 'a line of a large file\n'))
console.log('with a new file of 100 MB')
await compare({ what: 'Git tab, against git status', ours: () => statusOf(worktree), bare: gitStatus })
const before = process.memoryUsage().rss
await compare({ what: 'opening it, against git status', ours: () => readText(dir, 'large.bin.txt'), bare: gitStatus })
console.log(`memory that opening it took: ${((process.memoryUsage().rss - before) / 1024 / 1024).toFixed(1)} MiB`)
