import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newId } from '@coppice/events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seeded } from '../../apps/sync/src/testing/random.ts'
import { killHard, ofProcess, processesWith } from '../support/processes.ts'
import { House, type SessionInHouse } from './house.ts'

/** How often runner and agent are killed; more by COPPICE_KILLS. The seed by COPPICE_SEED, printed on failure. */
const KILLS = Number(process.env['COPPICE_KILLS'] ?? 4)
const SEED = Number(process.env['COPPICE_SEED'] ?? Date.now() % 1_000_000)
const PATIENCE_MS = 120_000
const A_KILL_MS = 30_000
const MOST_QUEUED = 5

let house: House
let sessions: Load[]
const random = seeded(SEED)
/** What every turn leaves behind if nobody cleans up after it. */
const mark = `sleep 98${SEED}`

beforeEach(async () => {
  house = await House.open()
  sessions = await Promise.all([1, 2, 3].map(async () => new Load(await house.session('```sh\ntrue\n```'))))
  await Promise.all(sessions.map(({ session }) => session.until('turn.ended')))
})
afterEach(() => house[Symbol.asyncDispose]())

/** A session that is always given more to do. */
class Load {
  readonly session: SessionInHouse
  /** What was accepted: the message and the line that its turn writes. */
  readonly sent = new Map<string, string>()

  constructor(session: SessionInHouse) {
    this.session = session
  }

  async more(): Promise<void> {
    if (this.session.state.queue.length > MOST_QUEUED) return
    const messageId = newId()
    const line = `step-${this.sent.size}`
    const text = `Now ${line}.\n\`\`\`sh\n${mark} & child=$!; echo ${line} >> done.txt; sleep 0.1; kill $child\n\`\`\`\nThat was ${line}.`
    if (!(await this.session.command('message.send', { messageId, text }))) this.sent.set(messageId, line)
  }

  /** Goes on after every cut until nothing waits any more. */
  async settle(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const { turn, queue, held } = this.session.state
      if (!turn && queue.length === 0) return
      if (Date.now() > deadline)
        throw new Error(`seed ${SEED}: never settled; ${this.session.types.slice(-20).join(', ')}`)
      if (held !== 'none') await this.session.command('queue.release', {})
      await pause(50)
    }
  }

  check(): void {
    const { session, sent } = this
    const started = session.data('turn.started').flatMap(({ messageIds }) => messageIds as string[])
    const ended = session.data('turn.ended')
    const wrote = readFileSync(path.join(session.worktree, 'done.txt'), 'utf8').trim().split('\n')
    const completed = ended
      .filter(({ outcome }) => outcome === 'completed')
      .flatMap(({ messageIds }) => (messageIds as string[]).flatMap((id) => sent.get(id) ?? []))
    expect({
      seed: SEED,
      begunTwice: twice(started),
      neverBegun: [...sent.keys()].filter((id) => !started.includes(id)),
      open: ids(session.data('turn.started'), 'turnId').filter((id) => !ids(ended, 'turnId').includes(id)),
      endedTwice: twice(ids(ended, 'turnId')),
      toolsOpen: ids(session.data('tool.started'), 'toolId').filter(
        (id) => !ids(session.data('tool.finished'), 'toolId').includes(id),
      ),
      toolsEndedTwice: twice(ids(session.data('tool.finished'), 'toolId')),
      doneTwice: twice(wrote),
      saidButNotDone: completed.filter((line) => !wrote.includes(line)),
      worktrees: session.types.filter((type) => type === 'worktree.ready').length,
    }).toEqual({
      seed: SEED,
      begunTwice: [],
      neverBegun: [],
      open: [],
      endedTwice: [],
      toolsOpen: [],
      toolsEndedTwice: [],
      doneTwice: [],
      saidButNotDone: [],
      worktrees: 1,
    })
  }
}

const ids = (data: readonly Record<string, unknown>[], key: string): string[] => data.map((one) => String(one[key]))
const twice = (all: readonly string[]): string[] => all.filter((one, at) => all.indexOf(one) !== at)

/** Agents of the runner that run now, as process ids. */
async function agents(): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const [stat, command] = await Promise.all([ofProcess(pid, 'stat'), ofProcess(pid, 'cmdline')])
    const parent = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (parent === house.runner?.pid && command?.includes('script-agent/main.ts')) found.push(pid)
  }
  return found
}

async function atTheEnd(): Promise<void> {
  await Promise.all(sessions.map((load) => load.settle()))
  for (const load of sessions) load.check()
  await expect.poll(() => processesWith(mark)).toEqual([])
  for (const { session } of sessions) {
    const turns = session.types.filter((type) => type === 'turn.ended').length
    await session.send('```sh\ntouch last\n```')
    await session.until('turn.ended', turns + 1)
    expect(existsSync(path.join(session.worktree, 'last'))).toBe(true)
  }
}

describe('killed under load, again and again', () => {
  const timeout = PATIENCE_MS * 2 + KILLS * A_KILL_MS

  test(
    '[RL-2] the runner: every message is worked on once, every turn and step has its end, nothing is left running',
    { timeout },
    async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        for (const load of sessions) {
          await load.more()
          await load.more()
          if (load.session.state.held !== 'none') await load.session.command('queue.release', {})
        }
        await pause(random() * 2_000)
        await house.stopRunner('SIGKILL')
        await house.startRunner()
      }
      await atTheEnd()
    },
  )

  test('[RL-2] the agent: the same, and the runner stays', { timeout }, async () => {
    const { runner } = house
    for (let killed = 0; killed < KILLS;) {
      for (const load of sessions) {
        await load.more()
        if (load.session.state.held !== 'none') await load.session.command('queue.release', {})
      }
      await pause(random() * 1_000)
      const running = await agents()
      const pid = running[Math.floor(random() * running.length)]
      if (pid !== undefined && killHard(pid)) killed += 1
    }
    await atTheEnd()
    expect(house.runner).toBe(runner)
    expect(runner?.exitCode).toBeNull()
  })
})
