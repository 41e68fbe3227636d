import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { groupStream, newId } from '@coppice/events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { House } from './house.ts'

let house: House
beforeEach(async () => {
  house = await House.open()
})
afterEach(() => house[Symbol.asyncDispose]())

const commit = (name: string): void => {
  writeFileSync(path.join(house.at.repo, name), `${name}\n`)
  house.at.git(['add', name])
  house.at.git(['commit', '-q', '-m', name])
}

describe('a group', () => {
  test('[BE-5] begins all its sessions at one commit, however far the branch moves meanwhile; a session beside it begins where the branch is', async () => {
    const groupId = newId()
    const before = house.at.git(['rev-parse', 'main']).trim()
    const first = await house.session('```file path=a.txt\nfirst\n```', { groupId })
    await first.until('worktree.ready', 1, 60_000)
    commit('moved.txt')
    const second = await house.session('```file path=a.txt\nsecond\n```', { groupId })
    const beside = await house.session('```file path=a.txt\nbeside\n```')
    expect((await second.until('worktree.ready', 1, 60_000)).data['baseCommit']).toBe(before)
    expect((await beside.until('worktree.ready', 1, 60_000)).data['baseCommit']).not.toBe(before)
    expect(first.state.baseCommit).toBe(before)
    // The same after the first one is gone, folder and all, and in another process of the runner.
    await first.until('turn.ended', 1, 60_000)
    await first.command('session.end', { outcome: 'canceled' })
    await first.until('worktree.removed', 1, 60_000)
    await house.stopRunner()
    await house.startRunner()
    const third = await house.session('```file path=a.txt\nthird\n```', { groupId })
    expect((await third.until('worktree.ready', 1, 60_000)).data['baseCommit']).toBe(before)
  })

  test('[BE-5] that is begun all at once has one commit, too; one of it is kept, and two choices do not both count', async () => {
    const groupId = newId()
    const sessions = await Promise.all(
      [1, 2, 3].map((n) => house.session(`\`\`\`sh\necho ${n} > a.txt\n\`\`\``, { groupId })),
    )
    const bases = new Set<unknown>()
    for (const one of sessions) {
      bases.add((await one.until('worktree.ready', 1, 60_000)).data['baseCommit'])
      await one.until('turn.ended', 1, 60_000)
    }
    expect(bases.size).toBe(1)
    const [a = '', b = ''] = sessions.map((one) => one.id)
    const stream = groupStream(groupId)
    const { workspaceId } = house
    const sessionIds = sessions.map((one) => one.id)
    const create = { groupId, workspaceId, name: 'Three ways', sessionIds }
    expect(await house.command(stream, 'group.create', create)).toBeUndefined()
    expect(await house.command(stream, 'group.create', create)).toMatchObject({ code: 'already_exists' })
    expect(await house.command(stream, 'group.choose', { sessionId: newId(), instead: '' })).toMatchObject({
      code: 'invalid',
    })
    expect(await house.command(stream, 'group.choose', { sessionId: a, instead: '' })).toBeUndefined()
    expect(await house.command(stream, 'group.choose', { sessionId: b, instead: '' })).toMatchObject({
      code: 'conflict',
    })
    expect(await house.command(stream, 'group.choose', { sessionId: b, instead: a })).toBeUndefined()
    expect(house.events.filter(({ type }) => type === 'group.chosen').map(({ data }) => data['sessionId'])).toEqual([
      a,
      b,
    ])
  })
})
