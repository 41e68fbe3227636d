import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { House } from './house.ts'

/** What happens to a session when files of the runner or of the session are lost or damaged. */
let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

describe('files that are lost or damaged', () => {
  test('a worktree that is deleted in mid-turn: the turn still ends, and the session says what could not be kept', async () => {
    const session = await house.session('```sh\nrm -rf "$PWD"\n```')
    const ended = await session.until('turn.ended')
    expect(ended.data).toHaveProperty('outcome')
    const said = session.data('message.added').filter((message) => message['kind'] === 'system')
    expect(said).toMatchObject([{ text: expect.stringMatching(/could not be kept in a checkpoint: .*not exist/) }])
    expect(session.state).toMatchObject({ status: 'waiting', turn: undefined })
  })

  test('a worktree that the data folder knows nothing of: the turn fails with what to do, it does not hang', async () => {
    const session = await house.session('Hello.')
    await session.until('turn.ended')
    rmSync(path.join(house.runnerData, 'sessions', `${session.id}.json`))
    await session.send('Again.')
    const ended = await session.until('turn.ended', 2)
    expect(ended.data).toMatchObject({ outcome: 'failed', message: expect.stringContaining('data folder') })
  })

  test('a damaged note of the agent’s own session costs its memory, not the session', async () => {
    const session = await house.session('Hello.')
    await session.until('turn.ended')
    await house.stopRunner()
    writeFileSync(path.join(house.runnerData, 'sessions', `${session.id}.agent.json`), '')
    await house.startRunner()
    await session.send('Again.')
    expect((await session.until('turn.ended', 2)).data).toMatchObject({ outcome: 'completed' })
  })

  test('ignored files that cannot be archived: the worktree is kept, and the session says why', async () => {
    writeFileSync(path.join(house.runnerData, 'archive.key'), 'short')
    const session = await house.session('```sh\necho x > secret.env\n```')
    await session.until('turn.ended')
    await house.command(session.stream, 'session.end', { outcome: 'done' })
    const kept = await session.until('worktree.kept')
    expect(kept.data).toMatchObject({ message: expect.stringContaining('archive.key is damaged') })
    expect(existsSync(path.join(session.worktree, 'secret.env'))).toBe(true)
  })
})
