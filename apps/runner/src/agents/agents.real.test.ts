import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { AcpAgent } from './acp-agent.ts'
import type { Launch } from './agent-process.ts'
import { AgentFailure } from './failure.ts'
import { endMarked, homeMarker, processesMarked, runMarker } from './process-sweep.ts'
import { script } from './script.ts'
import { RecordingListener } from './recording-listener.ts'

const misbehaving = fileURLToPath(new URL('../../../../test/agents/misbehaving-agent.ts', import.meta.url))
/** Longer than a slow machine needs to start a process. */
const patient = { start: 60_000, session: 60_000, cancel: 500 }
const short = { ...patient, start: 1_500 }
let runs = 0

function open(launch: Launch, cwd: string, runId: string, timeouts = patient): Promise<AcpAgent> {
  return AcpAgent.open({ launch, runId, cwd, home: cwd, model: '', timeouts })
}

function wrong(how: string, env: Record<string, string> = {}): Launch {
  return { command: process.execPath, args: [misbehaving, how], env }
}

function newRun(): string {
  runs += 1
  return `test-run-${process.pid}-${runs}`
}

async function scriptAgent(cwd: string, runId = newRun()): Promise<AcpAgent> {
  return open(await script.launch({ COPPICE_SCRIPT_WORD_MS: '0' }, cwd), cwd, runId)
}

async function failure(work: Promise<unknown>): Promise<AgentFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof AgentFailure) return error
  throw new Error(`expected a failure, got ${String(error)}`)
}

function alive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
}

describe('an agent that does wrong becomes a clear failure, and leaves nothing running', () => {
  test.each([
    ['exits', 'exited', 'cannot find my configuration', patient],
    ['garbage', 'garbage', 'Welcome to the wrong mode', patient],
    ['silent', 'start_timeout', 'did not answer "initialize" within 1.5 s', short],
  ])('%s', async (how, code, words, timeouts) => {
    using at = temporaryRepository()
    const runId = newRun()
    const failed = await failure(open(wrong(how), at.repo, runId, timeouts))
    expect(failed.code).toBe(code)
    expect(failed.message).toContain(words)
    await expect.poll(() => processesMarked(runMarker, runId)).toEqual([])
  })

  test('not installed', async () => {
    using at = temporaryRepository()
    const failed = await failure(open({ command: '/nowhere/agent', args: [], env: {} }, at.repo, newRun()))
    expect(failed.code).toBe('not_installed')
  })

  test('a banner before the protocol is forgiven; dying in mid-turn is told', async () => {
    using at = temporaryRepository()
    const banner = await open(wrong('banner'), at.repo, newRun())
    expect((await banner.prompt('x', new RecordingListener())).reason).toBe('completed')
    await banner.close()
    const dying = await open(wrong('dies'), at.repo, newRun())
    const failed = await failure(dying.prompt('x', new RecordingListener()))
    expect(failed.message).toContain('The agent ended by itself (code 7)')
    expect((await dying.close()).exitCode).toBe(7)
  })

  test('one that ignores cancel and SIGTERM is killed; children that made a session of their own go too', async () => {
    using at = temporaryRepository()
    const deaf = await open(wrong('deaf'), at.repo, newRun())
    const turn = failure(deaf.prompt('x', new RecordingListener()))
    await deaf.cancel()
    const exit = await deaf.close()
    expect(exit).toMatchObject({ signal: 'SIGKILL', groupGone: true })
    await turn
    const file = path.join(at.root, 'child.pid')
    const leaving = await open(wrong('leaves', { CHILD_PID_FILE: file }), at.repo, newRun())
    await leaving.prompt('x', new RecordingListener())
    const child = Number(readFileSync(file, 'utf8'))
    expect(alive(child)).toBe(true)
    expect((await leaving.close()).groupGone).toBe(true)
    await expect.poll(() => alive(child)).toBe(false)
  })

  test('what a runner left behind is found by its data folder and ended', async () => {
    using at = temporaryRepository()
    const agent = await open(wrong('banner'), at.repo, newRun())
    expect(await processesMarked(homeMarker, at.repo)).toHaveLength(1)
    expect(await endMarked(homeMarker, at.repo, 1_000)).toBe(true)
    await agent.process.exited
  })

  test("the runner's token is not in an agent's environment", async () => {
    using at = temporaryRepository()
    process.env['COPPICE_RUNNER_TOKEN'] = 'very-secret-token'
    try {
      const agent = await scriptAgent(at.repo)
      const listener = new RecordingListener()
      await agent.prompt('```sh\nenv\n```', listener)
      await agent.close()
      expect(listener.calls()[0]?.output).toContain('PATH=')
      expect(listener.calls()[0]?.output).not.toContain('very-secret-token')
    } finally {
      delete process.env['COPPICE_RUNNER_TOKEN']
    }
  })
})

test.skipIf(process.platform !== 'linux')(
  'an agent and its threads run in the background of what people look at',
  async () => {
    using at = temporaryRepository()
    const runId = newRun()
    const agent = await scriptAgent(at.repo, runId)
    const [pid = 0] = await processesMarked(runMarker, runId)
    const niceOf = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]
    const threads = readdirSync(`/proc/${pid}/task`)
    expect(threads.length).toBeGreaterThan(1)
    for (const thread of threads) expect(niceOf(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))).toBe('10')
    if (existsSync(`/proc/${pid}/autogroup`))
      expect(readFileSync(`/proc/${pid}/autogroup`, 'utf8')).toMatch(/nice 10$/m)
    await agent.close()
  },
)

describe('the Script provider', () => {
  test('[BE-12] runs the fenced shell blocks and file blocks of a message as tool calls, and says the text between them', async () => {
    using at = temporaryRepository()
    const agent = await scriptAgent(at.repo)
    const listener = new RecordingListener()
    const message = [
      'First a file.',
      '```file path=src/b.txt',
      'hello',
      '```',
      '```edit path=src/a.txt',
      '<<<<<<< find',
      'two',
      '=======',
      'zwei',
      '>>>>>>> replace',
      '```',
      'Then look.',
      '```sh',
      'cat src/a.txt src/b.txt; echo oops >&2',
      '```',
      '```python',
      'print(1)',
      '```',
    ].join('\n')
    const end = await agent.prompt(message, listener)
    await agent.close()
    expect(end).toEqual({ reason: 'completed', usage: { inputTokens: 0, outputTokens: 0 } })
    expect(listener.text()).toBe('First a file.Then look.```python\nprint(1)\n```')
    expect(listener.calls().map((call) => [call.family, call.target, call.status])).toEqual([
      ['write', 'src/b.txt', 'done'],
      ['edit', 'src/a.txt', 'done'],
      ['run', 'cat src/a.txt src/b.txt; echo oops >&2', 'done'],
    ])
    expect(listener.calls()[2]).toMatchObject({ exitCode: 0, output: 'one\nzwei\nthree\nhello\noops\n' })
    expect(listener.asked).toHaveLength(3)
    expect(readFileSync(path.join(at.repo, 'src/b.txt'), 'utf8')).toBe('hello\n')
  })

  test('a failing command stops the script with its exit code; `continue` goes on; a rejected step is not done', async () => {
    using at = temporaryRepository()
    const agent = await scriptAgent(at.repo)
    const failing = new RecordingListener()
    await agent.prompt('```sh continue\nexit 4\n```\n```sh\nexit 3\n```\n```sh\ntouch never\n```', failing)
    expect(failing.calls().map((call) => [call.status, call.exitCode])).toEqual([
      ['failed', 4],
      ['failed', 3],
    ])
    expect(failing.text()).toBe('The command ended with code 3, so the script stops here.')
    const rejecting = new RecordingListener(() => Promise.resolve('reject'))
    await agent.prompt('```sh\ntouch never\n```', rejecting)
    expect(rejecting.text()).toContain('was rejected')
    const outside = new RecordingListener()
    await agent.prompt('```file path=../out.txt\nx\n```', outside)
    expect(outside.text()).toContain('leads out of the worktree')
    await agent.close()
    expect(at.git(['status', '--porcelain'])).toBe('')
  })

  test('[TD-7] output comes while a command runs; cancel kills its children and ends the turn', async () => {
    using at = temporaryRepository()
    const agent = await scriptAgent(at.repo)
    const listener = new RecordingListener()
    const turn = agent.prompt(
      '```sh\necho begin; sleep 0.2; echo more; (sleep 300 & echo $! > child.pid); sleep 300\n```',
      listener,
    )
    await expect.poll(() => listener.calls()[0]?.output).toContain('more')
    const childPid = (): number =>
      Number(readFileSync(path.join(at.repo, 'child.pid'), { encoding: 'utf8', flag: 'a+' }))
    await expect.poll(childPid).toBeGreaterThan(0)
    const pid = childPid()
    expect(alive(pid)).toBe(true)
    await agent.cancel()
    expect((await turn).reason).toBe('stopped')
    await expect.poll(() => alive(pid)).toBe(false)
    await agent.close()
  })

  test('a pending permission is answered as cancelled on a stop, and the next prompt works', async () => {
    using at = temporaryRepository()
    const agent = await scriptAgent(at.repo)
    const waiting = new RecordingListener(() => new Promise(() => undefined))
    const turn = agent.prompt('```sh\ntouch never\n```', waiting)
    await expect.poll(() => waiting.asked.length).toBe(1)
    await agent.cancel()
    expect((await turn).reason).toBe('stopped')
    expect((await agent.prompt('```think\nhm\n```\n```plan\n- [x] one\n- two\n```', waiting)).reason).toBe('completed')
    expect(waiting.text('thinking')).toBe('hm')
    expect(waiting.happenings.findLast((one) => one.kind === 'plan')).toEqual({
      kind: 'plan',
      entries: [
        { text: 'one', status: 'done' },
        { text: 'two', status: 'pending' },
      ],
    })
    await agent.close()
  })
})
