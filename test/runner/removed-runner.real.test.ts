import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { WORKSPACE_STREAM } from '@coppice/events'
import { expect, test } from 'vitest'
import { House, isAlive } from './house.ts'
import { SecondRunner } from './second-runner.ts'

const patience = 90_000
const until = (condition: () => boolean): Promise<void> => expect.poll(condition, { timeout: patience }).toBe(true)

test('[BE-8] a runner that is taken out of a workspace ends what it works on there; another one goes on from the last checkpoint', async () => {
  await using house = await House.open()
  const second = await SecondRunner.start(house, 'second')
  try {
    // The second one gets the session, because the first is gone.
    const session = await house.session('```file path=kept.txt\nkept\n```')
    await session.until('turn.ended', 1, patience)
    await expect
      .poll(() => session.state.stored?.commit === session.state.lastCheckpointCommit, { timeout: patience })
      .toBe(true)
    await house.stopRunner('SIGKILL')
    await session.send('```sh\necho $$ > pid; touch begun; sleep 600\n```')
    expect((await session.until('session.takenOver', 1, patience)).data['runnerId']).toBe(second.runnerId)
    await until(() => existsSync(path.join(session.worktree, 'begun')))
    const pid = readFileSync(path.join(session.worktree, 'pid'), 'utf8').trim()
    const folder = session.worktree
    await house.startRunner()
    expect(
      await house.command(WORKSPACE_STREAM, 'workspace.removeRunner', { runnerId: second.runnerId }),
    ).toBeUndefined()
    await until(() => !isAlive(pid))
    const back = await session.until('session.takenOver', 2, patience)
    expect(back.data).toEqual({ runnerId: house.started.runnerId, epoch: 2, from: second.runnerId })
    const ended = await session.until('turn.ended', 2, patience)
    expect(ended.data['outcome']).toBe('aborted_by_restart')
    await session.send('```sh\ncat kept.txt > seen.txt\n```')
    await session.until('turn.ended', 3, patience)
    expect(session.data('turn.ended').at(-1)).toMatchObject({ outcome: 'completed' })
    expect(readFileSync(path.join(session.worktree, 'seen.txt'), 'utf8')).toBe('kept\n')
    // What was not kept in time lies where it was made.
    expect(existsSync(path.join(folder, 'begun'))).toBe(true)
  } finally {
    await second.stop()
  }
}, 300_000)
