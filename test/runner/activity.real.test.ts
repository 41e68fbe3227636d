import { fromServerSchema, OLDEST_PROTOCOL_VERSION, parseFrame, PROTOCOL_VERSION } from '@coppice/protocol'
import type { ActivityMessage } from '@coppice/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { House } from './house.ts'

/** Much longer than a slow machine needs to start an agent, which says nothing meanwhile. */
const STALE_MS = 10_000

let house: House
/** One whose runs are called stale soon. */
let hasty: House
beforeAll(async () => {
  house = await House.open()
  hasty = await House.open({ COPPICE_STALE_MS: String(STALE_MS), COPPICE_STALE_KILL_MS: '1000' })
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await hasty[Symbol.asyncDispose]()
})

/** What somebody is told who may see the workspace and looks at no session. */
async function bystander(): Promise<{ heard: ActivityMessage[]; close(): void }> {
  const url = new URL('/sync', house.started.url)
  url.protocol = 'ws:'
  const headers = { authorization: `Bearer ${house.started.ownerToken}` }
  const socket = new WebSocket(url, { headers } as unknown as string[])
  const heard: ActivityMessage[] = []
  socket.addEventListener('message', (event) => {
    const frame = parseFrame(fromServerSchema, String(event.data))
    if (frame.ok && frame.message.t === 'activity') heard.push(frame.message)
  })
  await once(socket, 'open')
  const range = { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION }
  socket.send(JSON.stringify({ t: 'hello', ...range, role: 'client', clientId: 'bystander', appVersion: 'test' }))
  return { heard, close: () => socket.close() }
}

describe('activity', () => {
  test('[REC-40] [REC-42] what an agent is at is told as it changes, to those who look at no session; files as git sees them', async () => {
    const { heard, close } = await bystander()
    const session = await house.session(
      'I begin.\n```file path=new.txt\nnew\n```\n```sh\necho more >> README.md; while [ ! -e ../go-on ]; do sleep 0.1; done; echo printed last\n```',
    )
    const isTold = () => heard.some((one) => !one.over && one.activity.filesCreated.includes('new.txt'))
    await expect.poll(isTold).toBe(true)
    writeFileSync(path.join(session.worktree, '../go-on'), '')
    const ended = await session.until('turn.ended')
    const activity = {
      filesCreated: ['new.txt'],
      filesEdited: ['README.md'],
      toolCalls: 2,
      lastFile: 'README.md',
      summary: expect.stringContaining('printed last') as string,
      lastUpdate: expect.any(Number) as number,
    }
    expect(ended.data['activity']).toMatchObject(activity)
    await expect.poll(() => heard.at(-1)?.over).toBe(true)
    expect(heard.at(-1)).toMatchObject({ session: session.id, activity })
    close()
  })

  test('[REC-41] at most four words a second of one run, none of them older than it may be; a short run leaves its own in the log', async () => {
    const { heard, close } = await bystander()
    const busy = await house.session('```sh\nfor i in $(seq 1 200); do echo line $i; sleep 0.01; done\n```')
    await busy.until('turn.ended')
    const live = heard.filter(({ session, over }) => session === busy.id && !over)
    expect(live.length).toBeGreaterThan(2)
    // By the clock of who tells it: on a busy machine several may be heard at once.
    const [first, last] = [live[0], live.at(-1)].map((one) => Number(one?.activity.lastUpdate))
    const seconds = (Number(last) - Number(first)) / 1_000
    expect(live.length).toBeLessThanOrEqual(4 * seconds + 3)
    const short = await house.session('```sh\ntrue\n```')
    expect((await short.until('turn.ended')).data['activity']).toMatchObject({ toolCalls: 1 })
    close()
  })
})

describe('a run in which nothing changes', () => {
  test('[REC-43] is called stale once, then ended and marked so', async () => {
    const session = await hasty.session('```sh\nsleep 300\n```')
    const stale = await session.until('agent.stale')
    expect(stale.data).toMatchObject({ silentMs: expect.any(Number) as number, killMs: 1_000 })
    expect(Number(stale.data['silentMs'])).toBeGreaterThanOrEqual(STALE_MS)
    const ended = await session.until('turn.ended')
    expect(ended.data).toMatchObject({ outcome: 'failed', stale: true })
    expect(ended.data['message']).toMatch(/Nothing had changed for \d+ seconds, so the agent was ended/)
    expect(session.data('agent.stale')).toHaveLength(1)
    expect(session.data('agent.exited')).toMatchObject([{ groupGone: true }])
  })

  test('[REC-43] one that waits for a person is not stale, nor one whose child still prints where nobody is told of it', async () => {
    const asking = await hasty.session('```sh\ntrue\n```', { stepMode: 'manual' })
    const quiet = await hasty.session('```sh\nfor i in $(seq 1 150); do echo $i >> progress.log; sleep 0.1; done\n```')
    const asked = await asking.until('approval.requested')
    expect((await quiet.until('turn.ended', 1, 60_000)).data).toMatchObject({ outcome: 'completed' })
    await asking.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'allow_once' })
    expect((await asking.until('turn.ended')).data).toMatchObject({ outcome: 'completed' })
    expect([...asking.types, ...quiet.types]).not.toContain('agent.stale')
  })
})
