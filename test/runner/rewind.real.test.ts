import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { newId } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House, type SessionInHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

const file = (name: string, text: string): string => `Make ${name}.\n\`\`\`file path=${name}\n${text}\n\`\`\``

/** A session of three turns: each makes a file. */
async function threeTurns(): Promise<SessionInHouse> {
  const session = await house.session(file('one.txt', 'one'))
  await session.until('turn.ended')
  for (const [nth, name] of ['two', 'three'].entries()) {
    await session.send(file(`${name}.txt`, name))
    await session.until('turn.ended', nth + 2)
  }
  return session
}

/** Which of the files are there. */
const there = (session: SessionInHouse): string[] =>
  ['one', 'two', 'three', 'by-hand', 'other'].filter((name) => existsSync(path.join(session.worktree, `${name}.txt`)))

const messageOf = (session: SessionInHouse, nth: number): string => {
  const started = session.data('turn.started')[nth - 1]
  if (!started) throw new Error(`there was no turn ${nth}`)
  return String((started['messageIds'] as string[])[0])
}

test('[M-2] an edited message runs again on the files from before it; what was there is kept and can be had back', async () => {
  const session = await threeTurns()
  writeFileSync(path.join(session.worktree, 'by-hand.txt'), 'typed')
  const [rewindId, messageId] = [newId(), newId()]
  const replacement = { messageId, text: file('other.txt', 'other') }
  const edited = { rewindId, messageId: messageOf(session, 2), restore: 'both' as const, replacement }
  expect(await session.command('session.rewind', edited)).toBeUndefined()
  const rewound = await session.until('session.rewound')
  await session.until('turn.ended', 4)
  expect(there(session)).toEqual(['one', 'other'])
  expect(session.state).toMatchObject({ held: 'none', rewind: undefined, conversation: 1 })
  // The kept checkpoint is told, and has it all.
  const kept = session.data('checkpoint.created').find((one) => one['checkpointId'] === rewound.data['keptIn'])
  expect(kept).toMatchObject({ reason: 'before_restore', fileCount: 4 })
  const files = kept?.['files'] as { path: string }[]
  expect(files.map((one) => one.path).toSorted()).toEqual(['by-hand.txt', 'one.txt', 'three.txt', 'two.txt'])
})

test('[BE-14] a rewind brings back the files, the conversation, or both, and says which', async () => {
  const session = await threeTurns()
  const rewind = async (nth: number, restore: 'code' | 'conversation' | 'both', times: number): Promise<void> => {
    const asked = { rewindId: newId(), messageId: messageOf(session, nth), restore }
    expect(await session.command('session.rewind', asked)).toBeUndefined()
    expect((await session.until('session.rewound', times)).data).toMatchObject({ restore })
  }
  await rewind(3, 'code', 1)
  expect(there(session)).toEqual(['one', 'two'])
  expect(session.state.conversation).toBe(0)
  await rewind(3, 'conversation', 2)
  expect(there(session)).toEqual(['one', 'two'])
  expect(session.state.conversation).toBe(1)
  await rewind(1, 'both', 3)
  expect(there(session)).toEqual([])
  expect(session.state.delivered).toEqual([])
  // And it goes on.
  await session.send(file('other.txt', 'other'))
  await session.until('turn.ended', 4)
  expect(there(session)).toEqual(['other'])
})

test('[BE-14] a working agent is stopped before its files are taken back, and writes no more into them', async () => {
  const session = await threeTurns()
  await session.send('```sh\nfor i in $(seq 1 600); do echo $i > by-hand.txt; sleep 0.1; done\n```')
  await session.until('tool.started', 4)
  await expect.poll(() => there(session).includes('by-hand')).toBe(true)
  const asked = { rewindId: newId(), messageId: messageOf(session, 3), restore: 'both' as const }
  expect(await session.command('session.rewind', asked)).toBeUndefined()
  await session.until('session.rewound')
  expect(session.data('turn.ended').at(-1)).toMatchObject({ outcome: 'stopped' })
  expect(there(session)).toEqual(['one', 'two'])
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(there(session)).toEqual(['one', 'two'])
})

test('[BE-14] a runner that is killed in a rewind finishes it, once', async () => {
  const session = await threeTurns()
  await house.stopRunner('SIGKILL')
  const asked = { rewindId: newId(), messageId: messageOf(session, 2), restore: 'both' as const }
  expect(await session.command('session.rewind', asked)).toBeUndefined()
  await house.startRunner()
  await session.until('session.rewound')
  expect(there(session)).toEqual(['one'])
  await session.send(file('other.txt', 'other'))
  await session.until('turn.ended', 4)
  expect(readFileSync(path.join(session.worktree, 'other.txt'), 'utf8')).toBe('other\n')
  expect(session.data('session.rewound')).toHaveLength(1)
})

test('[BE-4] a session forked at a message has the files from before it, on a branch that goes on from its origin’s commits', async () => {
  const origin = await threeTurns()
  await origin.git({ kind: 'stage', paths: ['one.txt'] })
  await origin.git({
    kind: 'commit',
    message: 'one',
    author: { name: 'Mara', email: 'mara@users.coppice.invalid' },
  })
  await origin.send(file('other.txt', 'other'))
  await origin.until('turn.ended', 4)
  const fork = (nth: number) => ({
    sessionId: origin.id,
    messageId: messageOf(origin, nth),
    turnId: String(origin.data('turn.started')[nth - 1]?.['turnId']),
  })
  const early = await house.session(undefined, { fork: fork(2) })
  await early.until('worktree.ready')
  expect(there(early)).toEqual(['one'])
  const late = await house.session(file('by-hand.txt', 'mine'), { fork: fork(4) })
  await late.until('turn.ended')
  expect(there(late)).toEqual(['one', 'two', 'three', 'by-hand'])
  // Its changes are counted from where its origin's branch began, its origin's commit included.
  expect(late.data('checkpoint.created').at(-1)).toMatchObject({ fileCount: 4 })
  expect(late.data('worktree.ready')[0]?.['baseCommit']).toBe(origin.data('worktree.ready')[0]?.['baseCommit'])
  expect(there(origin)).toEqual(['one', 'two', 'three', 'other'])
  const lost = await house.session(undefined, { fork: { ...fork(2), turnId: 'none' } })
  expect(String((await lost.until('worktree.failed')).data['message'])).toContain('The checkpoint to fork from')
})
