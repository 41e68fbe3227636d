import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { evolve, initialState, project, type RecordedEvent } from '@coppice/events'
import { FollowedLogs } from '../../apps/runner/src/connection/followed-logs.ts'
import { House } from './house.ts'

/** Everything that acting would change: refs and worktrees of the repository, and the runner's folder. */
function world(house: House): unknown {
  return {
    refs: house.at.git(['for-each-ref']),
    worktrees: house.at.git(['worktree', 'list', '--porcelain']),
    files: readdirSync(house.runnerData, { recursive: true })
      .map(String)
      .filter((name) => name.startsWith('worktrees') || name.startsWith('archives') || name.startsWith('logs'))
      .toSorted(),
  }
}

test('[EV-7] replaying a log changes nothing: folding and projecting it, following it, and a runner that reads it again', async () => {
  await using house = await House.open()
  const session = await house.session('```sh\necho x > x.txt\n```')
  await session.until('turn.ended')
  await session.git({ kind: 'stage', paths: [] })
  const other = await house.session('```sh\necho y > y.txt\n```')
  await other.until('turn.ended')
  await other.command('session.end', { outcome: 'done' })
  await other.until('worktree.removed')
  await house.stopRunner()
  const before = world(house)
  const events: readonly RecordedEvent[] = [...house.events]

  for (const stream of new Set(events.map((event) => event.stream))) {
    const initial = initialState(house.log, stream)
    if (initial) events.filter((event) => event.stream === stream).reduce(evolve, initial)
  }
  for (const event of events) project(event, () => undefined)
  const seen: string[] = []
  const logs = new FollowedLogs({ event: (event) => seen.push(event.type), settled: () => undefined })
  const head = events.length
  logs.subscriptions([{ log: house.log, epoch: 'e', head }])
  logs.apply({ t: 'events', log: house.log, epoch: 'e', from: 0, to: head, head, events: [...events] })
  expect(seen).toHaveLength(head)
  expect(world(house)).toEqual(before)

  await house.startRunner()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(house.events.map((event) => event.type)).toEqual(events.map((event) => event.type))
  expect(world(house)).toEqual(before)
  expect(existsSync(session.worktree)).toBe(true)
})
