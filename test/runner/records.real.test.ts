import { createHash } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { House } from './house.ts'
import type { SessionInHouse } from './house.ts'

/** The record of each turn reaches its stream on the server, whole, once, and closed; and the log says which it is. */
let house: House
beforeEach(async () => {
  house = await House.open()
})
afterEach(() => house[Symbol.asyncDispose]())

interface Recorded {
  readonly stream: string
  readonly bytes: number
  readonly sha256: string
}

const get = (stream: string, query = ''): Promise<Response> =>
  fetch(`${house.started.url}/streams/${house.workspaceId}/${stream}${query}`, {
    headers: { authorization: `Bearer ${house.started.ownerToken}` },
  })

/** The record that a turn's end names, as it is on the server when it is closed. */
async function record(session: SessionInHouse, nth = 1): Promise<string> {
  const ended = await session.until('turn.ended', nth)
  const { stream, bytes, sha256 } = ended.data['record'] as Recorded
  await expect.poll(async () => (await get(stream)).headers.get('stream-closed'), { timeout: 60_000 }).toBe('true')
  const content = Buffer.from(await (await get(stream)).arrayBuffer())
  expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256])
  return content.toString()
}

test('[SY-6] a turn’s record is on the server when it has ended, as the log says, and grows while it goes on', async () => {
  const session = await house.session(
    `${'word '.repeat(2_000)}\n\`\`\`sh\necho made; while [ ! -e go ]; do sleep 0.05; done; echo slept\n\`\`\``,
  )
  const started = await session.until('turn.started')
  const stream = `runs/${String(started.data['runId'])}/${String(started.data['turnId'])}`
  // Read by whoever wants to watch, from its beginning, while it is written.
  await expect
    .poll(async () => (await (await get(stream, '?offset=-1')).text()).includes('made'), { timeout: 60_000 })
    .toBe(true)
  expect((await get(stream)).headers.get('stream-closed')).toBeNull()
  writeFileSync(path.join(session.worktree, 'go'), '')
  const text = await record(session)
  expect(text).toContain('word word')
  expect(text).toContain('slept')
  await session.send('Once more.')
  expect(await record(session, 2)).toContain('Once more.')
  expect(readdirSync(path.join(house.runnerData, 'logs')).filter((name) => name.endsWith('.todo'))).toEqual([])
})

test('[REC-20] every run is recorded by itself, a JSON value a line: what was asked and said, each call and all of its result', async () => {
  const session = await house.session('I count.\n```sh\nseq 1 20000\n```\nI counted.')
  const lines = (await record(session)).trimEnd().split('\n')
  const values = lines.map((line): unknown => JSON.parse(line))
  expect(values.every((one) => typeof one === 'object' && one !== null)).toBe(true)
  const text = values.map((one) => JSON.stringify(one)).join('')
  expect(text).toContain('I count')
  // The event holds the ends of a long output; the record all of it.
  const [finished] = session.data('tool.finished')
  expect(Number(finished?.['omittedChars'])).toBeGreaterThan(0)
  expect(String(finished?.['output'])).not.toContain('\n10007\n')
  const printed = text.replaceAll('\\n', ' ')
  for (const n of [1, 5_003, 10_007, 15_001, 20_000]) expect(printed).toMatch(new RegExp(`\\b${n}\\b`))
  expect(text).toContain('seq 1 20000')
})

test('[EV-9] a turn that a crash cut: its message is what the record holds, marked so; the record is closed as far as it came', async () => {
  await house[Symbol.asyncDispose]()
  house = await House.open({ COPPICE_SCRIPT_WORD_MS: '30' })
  const session = await house.session('many words to say '.repeat(400))
  await expect
    .poll(() => house.live.some((item) => item.kind === 'text' && item.offset > 50), { timeout: 60_000 })
    .toBe(true)
  await house.stopRunner('SIGKILL')
  await house.startRunner()
  const text = await record(session)
  const [message] = session.data('message.added')
  expect(message).toMatchObject({ completeness: 'cut_off' })
  expect(String(message?.['text']).length).toBeGreaterThan(50)
  expect(text).toContain(String(message?.['text']))
})

test('[SY-6] a server that is away in mid-turn, killed, gets the rest when it is back: nothing twice, nothing lost', async () => {
  const session = await house.session(`${'before '.repeat(3_000)}\n\`\`\`sh\nsleep 2; echo after\n\`\`\``)
  await session.until('tool.started')
  const port = Number(new URL(house.started.url).port)
  await house.stopServer('SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  await house.startServer(port)
  const text = await record(session)
  expect(text.match(/before/g)).toHaveLength(2 * 3_000)
  expect(text).toContain('after')
})
