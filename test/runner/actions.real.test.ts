import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { newId } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverName } from '../../apps/runner/src/session-tools/server-entry.ts'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { House, type SessionInHouse } from './house.ts'

const asking = fileURLToPath(new URL('../agents/asking-agent.ts', import.meta.url))
const question = { question: 'Which database?', options: [{ label: 'PostgreSQL' }, { label: 'SQLite' }] }
const askIt = (more: object = {}): string => JSON.stringify({ tool: 'ask_question', arguments: question, ...more })

let endpoint: ModelEndpoint
let house: House

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  house = await House.open(keysFor(endpoint))
  const agent = (way: string) => ({ name: way, command: process.execPath, args: [asking, way] })
  const settings = { 'over-http': agent('http'), 'over-stdio': agent('stdio') }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify(settings))
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await endpoint.close()
})

const lastWords = (session: SessionInHouse): string => String(session.data('message.added').at(-1)?.['text'])
const answer = (session: SessionInHouse, options: string[], other?: string, text = 'the answer') =>
  session.command('action.answer', {
    actionId: String(session.data('action.offered').at(-1)?.['actionId']),
    answer: { kind: 'answered', options, ...(other !== undefined && { other }) },
    message: { messageId: newId(), text },
  })

test.each(['over-http', 'over-stdio'])(
  '[MA-2] [MA-4] an agent asks a question with a tool %s and gets the answer as its result, in Manual without an approval',
  async (provider) => {
    const session = await house.session(askIt(), { provider, model: '', stepMode: 'manual' })
    const { data } = await session.until('action.offered', 1, 60_000)
    expect(data).toMatchObject({ waits: true, action: { kind: 'ask_question', ...question } })
    expect(session.state.turn).toBeDefined()
    expect(await answer(session, ['SQLite'], 'in one file')).toBeUndefined()
    await session.until('turn.ended', 1, 60_000)
    expect(lastWords(session)).toBe('SQLite\nin one file')
    expect(session.data('action.answered')).toMatchObject([{ delivery: 'waiting' }])
    expect(session.types.filter((type) => type === 'action.taken')).toHaveLength(1)
    expect(session.data('tool.finished')).toMatchObject([{ title: 'Question', outcome: 'done' }])
    expect(session.data('approval.requested')).toEqual([])
    expect(await answer(session, ['PostgreSQL'])).toMatchObject({ code: 'action_settled' })
  },
)

test('[MA-2] Coppice Code asks over MCP, waits, and its model reads the answer', async () => {
  const session = await house.session(undefined, {
    provider: 'coppice-code',
    model: 'openai/test-1',
    stepMode: 'manual',
  })
  const tool = `mcp__${serverName(session.id)}__ask_question`
  await session.send(scripted([{ calls: [{ tool, input: question }] }, { say: 'I know now.' }]))
  await session.until('action.offered', 1, 60_000)
  await answer(session, ['PostgreSQL'])
  expect((await session.until('turn.ended', 1, 60_000)).data).toMatchObject({ outcome: 'completed' })
  expect(lastWords(session)).toBe('I know now.')
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('PostgreSQL')
  expect(session.data('approval.requested')).toEqual([])
})

test('[MA-2] an agent that loses patience, or was stopped, gets the answer as a message', async () => {
  const session = await house.session(askIt({ withinMs: 300 }), { provider: 'over-http', model: '' })
  await session.until('action.detached', 1, 60_000)
  await session.until('turn.ended', 1, 60_000)
  expect(session.state.actions).toMatchObject([{ waits: false }])
  await answer(session, ['SQLite'], undefined, 'late answer')
  await session.until('turn.ended', 2, 60_000)
  expect(lastWords(session)).toBe('late answer')

  await session.send(askIt())
  await session.until('action.offered', 2, 60_000)
  await session.command('turn.stop', { turnId: session.state.turn?.turnId ?? '' })
  await session.until('turn.ended', 3, 60_000)
  await answer(session, ['SQLite'], undefined, 'after the stop')
  await session.until('turn.ended', 4, 60_000)
  expect(lastWords(session)).toBe('after the stop')
})

test('[MA-2] a runner that is killed while a question is open: the turn goes on, an answer that came meanwhile is told, a later one comes as a message', async () => {
  const session = await house.session(askIt(), { provider: 'over-http', model: '' })
  await session.until('action.offered', 1, 60_000)
  await house.stopRunner('SIGKILL')
  // The log still has the turn, so the answer is meant for the call that is gone.
  await answer(session, ['PostgreSQL'])
  expect(session.data('action.answered')).toMatchObject([{ delivery: 'waiting' }])
  await house.startRunner()
  await session.until('turn.ended', 1, 60_000)
  expect(lastWords(session)).toMatch(/^> Which database\?\n\nPostgreSQL\n\nYour turn was cut off/)
  expect(session.state.unheard).toEqual([])

  await session.send(askIt())
  await session.until('action.offered', 2, 60_000)
  await house.stopRunner('SIGKILL')
  await house.startRunner()
  await session.until('turn.ended', 2, 60_000)
  expect(lastWords(session)).toMatch(/^Your turn was cut off[^]*still open; do not ask it again/)
  expect(session.state.actions).toMatchObject([{ waits: false }])
  await answer(session, ['SQLite'], undefined, 'it is SQLite')
  await session.until('turn.ended', 3, 60_000)
  expect(lastWords(session)).toBe('it is SQLite')
})

test('[MA-1] [MA-3] [REC-53] plans, tickets and lines in the record come by tools; what does not fit is told to the agent', async () => {
  const use = async (tool: string, input: unknown): Promise<string> => {
    await session.send(JSON.stringify({ tool, arguments: input }))
    turns += 1
    await session.until('turn.ended', turns, 60_000)
    return lastWords(session)
  }
  let turns = 1
  const session = await house.session('Hello.', { provider: 'over-http', model: '' })
  await session.until('turn.ended', 1, 60_000)
  expect(await use('create_plan', { title: 'Split it', steps: ['one', 'two'] })).toContain('The plan is shown')
  expect(await use('create_ticket', { title: 'Slow start' })).toContain('proposed')
  expect(session.data('action.offered').map((one) => one['action'])).toEqual([
    { kind: 'create_plan', title: 'Split it', description: '', steps: ['one', 'two'] },
    { kind: 'create_ticket', title: 'Slow start', description: '' },
  ])
  expect(await use('log_event', { event: 'measured', data: { ms: 12 } })).toBe('It is in the record.')
  expect(session.data('agent.noted')).toMatchObject([{ event: 'measured', data: { ms: 12 } }])
  expect(await use('ask_question', { options: [] })).toMatch(/^failed: .*question/)
  expect(await use('log_event', { event: 'x', data: { long: 'x'.repeat(9_000) } })).toContain('failed: The data')
})

test('[MA-4] a fenced block in an agent’s words is the same event; a malformed one stays text', async () => {
  const text = `I must know.\n\n\`\`\`coppice:ask-question\n${JSON.stringify(question)}\n\`\`\`\n\n\`\`\`coppice:create-plan\n{\n\`\`\`\n`
  const session = await house.session(text, { provider: 'over-http', model: '' })
  await session.until('turn.ended', 1, 60_000)
  const [message] = session.data('message.added')
  expect(session.data('action.offered')).toMatchObject([
    { waits: false, messageId: message?.['messageId'], block: 0, action: { kind: 'ask_question', ...question } },
  ])
  expect(message?.['text']).toBe(text)
  await answer(session, ['SQLite'], undefined, '> Which database?\n\nSQLite')
  await session.until('turn.ended', 2, 60_000)
  expect(lastWords(session)).toBe('> Which database?\n\nSQLite')
})

test('[AC-7] an agent process sees no token of the runner and no credential but its own session’s', async () => {
  const [one, other] = [
    await house.session('servers', { provider: 'over-http', model: '' }),
    await house.session('servers', { provider: 'over-stdio', model: '' }),
  ]
  await Promise.all([one.until('turn.ended', 1, 30_000), other.until('turn.ended', 1, 60_000)])
  const runnerToken = readFileSync(house.tokenFile, 'utf8').trim()
  for (const session of [one, other]) {
    const said = lastWords(session)
    const { servers, argv, env } = JSON.parse(said) as {
      servers: unknown[]
      argv: string[]
      env: Record<string, string>
    }
    expect(servers).toHaveLength(1)
    // What it repeats of its token is taken out before it leaves the runner.
    expect(said).toContain('[redacted]')
    expect(said).not.toContain(runnerToken)
    expect(JSON.stringify(argv)).not.toMatch(/redacted/)
    expect(Object.keys(env).filter((name) => name.startsWith('COPPICE_TOOLS'))).toEqual([])
    expect(JSON.stringify(env)).not.toContain(runnerToken)
  }
  expect(lastWords(one)).not.toContain(serverName(other.id))
})
