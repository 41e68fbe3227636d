import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { House, type SessionInHouse } from './house.ts'

const scriptAgent = fileURLToPath(new URL('../../apps/runner/src/script-agent/main.ts', import.meta.url))
const coppiceCode = { provider: 'coppice-code', model: 'openai/test-1' }
const until = (condition: () => boolean): Promise<void> => expect.poll(condition, { timeout: 60_000 }).toBe(true)

let endpoint: ModelEndpoint
let house: House
let tools: string

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  tools = mkdtempSync(path.join(os.tmpdir(), 'coppice-held-git-'))
  const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim()
  // Where a file says so, the commit that ends a turn takes for ever: then a runner can be killed in the midst of it.
  const held = `#!/bin/sh\ncase "$*" in *"after a turn"*) if [ -e ${tools}/hold ]; then touch ${tools}/held; while [ -e ${tools}/hold ]; do sleep 0.1; done; fi;; esac\nexec ${git} "$@"\n`
  writeFileSync(path.join(tools, 'git'), held, { mode: 0o755 })
  house = await House.open({ ...keysFor(endpoint), PATH: `${tools}:${process.env['PATH'] ?? ''}` })
  // An agent that begins only when it is let.
  const late = {
    name: 'Late',
    command: 'sh',
    args: ['-c', `while [ -e ${tools}/wait ]; do sleep 0.05; done; exec ${process.execPath} ${scriptAgent}`],
  }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify({ late }))
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await endpoint.close()
  rmSync(tools, { recursive: true, force: true })
})

const restart = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
  await house.stopRunner(signal)
  await house.startRunner()
}

/** The turn went on by itself in the one conversation, and ended as if nothing had been. */
const wentOn = async (session: SessionInHouse): Promise<void> => {
  await session.until('turn.resumed', 1, 60_000)
  const ended = await session.until('turn.ended', 1, 60_000)
  expect(ended.data).toMatchObject({ outcome: 'completed' })
  expect(session.data('turn.started')).toHaveLength(1)
  expect(session.state).toMatchObject({ status: 'waiting', held: 'none' })
}

describe('a runner is killed, and the turn goes on by itself', () => {
  test('[S-10] while a tool runs: what was completed is not done again, and the agent is told what was cut off', async () => {
    const steps = [
      { run: 'echo one >> steps' },
      { run: 'echo two >> steps; touch begun; sleep 30' },
      { say: 'All done here.' },
    ]
    const session = await house.session(scripted(steps), coppiceCode)
    await session.until('worktree.ready')
    await until(() => existsSync(path.join(session.worktree, 'begun')))
    // The step may have begun before the runner has heard of it.
    await session.until('tool.started', 2)
    await restart()
    await wentOn(session)
    expect(readFileSync(path.join(session.worktree, 'steps'), 'utf8')).toBe('one\ntwo\n')
    expect(session.data('tool.finished').map(({ outcome }) => outcome)).toEqual(['done', 'aborted'])
    expect(session.data('message.added').at(-1)).toMatchObject({ text: 'All done here.', completeness: 'whole' })
    const asked = JSON.stringify(endpoint.requests.at(-1)?.messages)
    expect(asked).toMatch(/Do not do them again:\\n- Run echo one >> steps: done/)
    expect(asked).toMatch(/cut off\. They may have had effects[^]*- Run echo two >> steps/)
    expect(session.data('turn.resumed')).toMatchObject([
      { cause: 'restart', record: { bytes: expect.any(Number) as number } },
    ])
    expect(session.data('agent.exited')[0]).toMatchObject({ groupGone: true })
  })

  test('[S-10] while it thinks, also when the runner was stopped and not killed', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const before = endpoint.requests.length
      const session = await house.session(scripted([{ wait: 4_000, say: `Thought, ${signal}.` }]), coppiceCode)
      await until(() => endpoint.requests.length > before)
      await restart(signal)
      await wentOn(session)
      expect(session.data('message.added').map(({ text }) => text)).toEqual([`Thought, ${signal}.`])
    }
  })

  test('[S-10] [D-5] while a step waits for a person: it is taken back, never fires, and the agent asks anew', async () => {
    const steps = [
      { write: { path: 'a.txt', text: 'a\n' } },
      { write: { path: 'b.txt', text: 'b\n' } },
      { say: 'Done.' },
    ]
    const session = await house.session(scripted(steps), { ...coppiceCode, stepMode: 'manual' })
    const first = await session.until('approval.requested', 1, 60_000)
    await restart()
    const second = await session.until('approval.requested', 2, 60_000)
    expect(session.data('approval.withdrawn')).toMatchObject([
      { approvalId: first.data['approvalId'], reason: 'restart' },
    ])
    const late = { approvalId: String(first.data['approvalId']), decision: 'allow_once' as const }
    expect(await session.command('approval.answer', late)).toMatchObject({ code: 'approval_settled' })
    await session.command('approval.answer', { ...late, approvalId: String(second.data['approvalId']) })
    await wentOn(session)
    expect(existsSync(path.join(session.worktree, 'a.txt'))).toBe(false)
    expect(readFileSync(path.join(session.worktree, 'b.txt'), 'utf8')).toBe('b\n')
    expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('These waited for a person and were not done.')
  })

  test('[S-10] while its agent starts: nothing was asked of it yet, so any agent begins, also one that remembers nothing', async () => {
    writeFileSync(path.join(tools, 'wait'), '')
    const session = await house.session('```sh\necho once >> once\n```', { provider: 'late', model: '' })
    await session.until('turn.started')
    await new Promise((resolve) => setTimeout(resolve, 300))
    await restart()
    rmSync(path.join(tools, 'wait'))
    await wentOn(session)
    expect(readFileSync(path.join(session.worktree, 'once'), 'utf8')).toBe('once\n')
  })

  test('[S-10] while the turn ends: only its end is told, as the agent gave it', async () => {
    const session = await house.session('```sh\necho once >> once\n```', {})
    writeFileSync(path.join(tools, 'hold'), '')
    await until(() => existsSync(path.join(tools, 'held')))
    await house.stopRunner('SIGKILL')
    rmSync(path.join(tools, 'hold'))
    await house.startRunner()
    expect((await session.until('turn.ended')).data).toMatchObject({ outcome: 'completed' })
    expect(session.types).not.toContain('turn.resumed')
    expect(readFileSync(path.join(session.worktree, 'once'), 'utf8')).toBe('once\n')
    // The files are kept as they are after it, as after every turn.
    const after = session.data('checkpoint.created').filter(({ reason }) => reason === 'turn_end')
    expect(after).toMatchObject([{ fileCount: 1 }])
  })

  test('[S-10] after the turn has ended, before the server heard of it: nothing goes on', async () => {
    const session = await house.session('```sh\ntouch begun; while [ ! -e go ]; do sleep 0.05; done\n```')
    await session.until('worktree.ready')
    await until(() => existsSync(path.join(session.worktree, 'begun')))
    const port = Number(new URL(house.started.url).port)
    await house.stopServer('SIGKILL')
    writeFileSync(path.join(session.worktree, 'go'), '')
    await until(() => readFileSync(path.join(house.runnerData, 'spool.jsonl'), 'utf8').includes('turn.ended'))
    await house.stopRunner('SIGKILL')
    await house.startServer(port)
    await house.startRunner()
    expect((await session.until('turn.ended')).data).toMatchObject({ outcome: 'completed' })
    await session.send('```sh\ntrue\n```')
    await session.until('turn.ended', 2)
    expect(session.types).not.toContain('turn.resumed')
    expect(session.data('turn.ended').map(({ outcome }) => outcome)).toEqual(['completed', 'completed'])
  })
})

describe('a turn that cannot go on', () => {
  test('[S-10] [BE-3] its agent has lost its memory: the session waits, says so, and one click continues', async () => {
    const session = await house.session(scripted([{ run: 'touch begun; sleep 30' }]), coppiceCode)
    await session.until('worktree.ready')
    await until(() => existsSync(path.join(session.worktree, 'begun')))
    await house.stopRunner('SIGKILL')
    rmSync(path.join(house.runnerData, 'coppice-code'), { recursive: true })
    await house.startRunner()
    const ended = await session.until('turn.ended', 1, 60_000)
    expect(ended.data).toMatchObject({ outcome: 'aborted_by_restart' })
    expect(ended.data['message']).toMatch(
      /could not go on by itself: The agent could not take up the conversation again/,
    )
    expect(session.types).not.toContain('turn.resumed')
    expect(session.state).toMatchObject({ status: 'waiting', held: 'aborted' })
    await session.send(scripted([{ say: 'I go on.' }]))
    await session.until('turn.ended', 2, 60_000)
    expect(session.data('turn.ended').at(-1)).toMatchObject({ outcome: 'completed' })
    expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain(
      'You continue a conversation that you do not remember',
    )
  })
})
