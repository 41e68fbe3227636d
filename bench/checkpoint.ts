/**
 * A checkpoint of a repository with 10,000 files, warm, 10 of them changed, against `git status` (PF-8). They take turns.
 *
 *   pnpm bench checkpoint [rounds]
 */
import { execFileSync } from 'node:child_process'
import { createCheckpoint } from '../apps/runner/src/checkpoints/checkpoint.ts'
import { temporaryRepository } from '../apps/runner/src/git/temporary-repository.ts'

const rounds = Number(process.argv[2] ?? 15)
const files = 10_000
const changed = 10

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

using at = temporaryRepository()
for (let n = 0; n < files; n += 1) at.write(`many/${n % 100}/${n}.txt`, `file ${n}\n`.repeat(20))
at.git(['add', '--all'])
at.git(['commit', '--quiet', '-m', 'many'])
const worktree = await at.session()
const took = { status: [] as number[], checkpoint: [] as number[] }
for (let round = 0; round <= rounds; round += 1) {
  for (let n = 0; n < changed; n += 1) at.write(`many/${n}/${n}.txt`, `round ${round}\n`, worktree.path)
  let began = performance.now()
  execFileSync('git', ['status', '--porcelain'], {
    cwd: worktree.path,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
  })
  const status = performance.now() - began
  began = performance.now()
  await createCheckpoint(worktree, `round${round}`, 'bench')
  const checkpoint = performance.now() - began
  if (round === 0) continue
  took.status.push(status)
  took.checkpoint.push(checkpoint)
}
const [status, checkpoint] = [median(took.status), median(took.checkpoint)]
console.log(`git status    ${status.toFixed(1)} ms (median of ${rounds}, ${files} files, ${changed} changed)`)
console.log(`checkpoint    ${checkpoint.toFixed(1)} ms`)
console.log(`ratio         ${(checkpoint / status).toFixed(2)} (PF-8 asks for 2 at most)`)
