/**
 * New session to prompt delivered, over bare `git worktree add` and the agent's own start (PF-8). Both end when the first command
 * of the prompt runs, by the clock of that command; they take turns, so that a busy machine slows both.
 *
 *   pnpm bench new-session [rounds]
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AcpAgent } from '../apps/runner/src/agents/acp-agent.ts'
import { script } from '../apps/runner/src/agents/script.ts'
import { House } from '../test/runner/house.ts'

const rounds = Number(process.argv[2] ?? 15)
const prompt = '```sh\ndate +%s%3N > delivered\n```'

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

async function deliveredIn(folder: string): Promise<number> {
  const file = path.join(folder, 'delivered')
  while (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') await pause(5)
  return Number(readFileSync(file, 'utf8').trim())
}

async function bare(house: House, n: number): Promise<number> {
  const folder = path.join(house.at.root, `bare-${n}`)
  const launch = await script.launch({ COPPICE_SCRIPT_WORD_MS: '0' }, folder)
  const began = Date.now()
  execFileSync('git', ['worktree', 'add', '--quiet', '-b', `bare-${n}`, folder, 'main'], { cwd: house.at.repo })
  const agent = await AcpAgent.open({ launch, runId: `bare-${n}`, cwd: folder, home: folder, model: '' })
  await agent.prompt(prompt, { happened: () => undefined, permission: () => Promise.resolve('allow') })
  const took = (await deliveredIn(folder)) - began
  await agent.close()
  return took
}

async function session(house: House): Promise<number> {
  const began = Date.now()
  const one = await house.session(prompt)
  await one.until('worktree.ready')
  const took = (await deliveredIn(one.worktree)) - began
  await one.until('turn.ended')
  await one.command('session.end', { outcome: 'canceled' })
  await one.until('worktree.removed')
  return took
}

await using house = await House.open()
const figures = { bare: [] as number[], session: [] as number[] }
for (let n = 0; n <= rounds; n += 1) {
  const [alone, whole] = [await bare(house, n), await session(house)]
  // The first round warms caches.
  if (n === 0) continue
  figures.bare.push(alone)
  figures.session.push(whole)
}
const over = figures.session.map((whole, i) => whole - (figures.bare[i] ?? 0))
console.log(`git worktree add + agent's own start   ${median(figures.bare)} ms (median of ${rounds})`)
console.log(`new session to prompt delivered        ${median(figures.session)} ms`)
console.log(`over it                                ${median(over)} ms (PF-8 asks for 150 at most)`)
