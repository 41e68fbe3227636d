import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { WORKSPACE_STREAM } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canSandbox } from '../../apps/runner/src/sandbox/bubblewrap.ts'
import { House } from './house.ts'

/** The sandbox, where this machine has one; where not, that an agent which should be in one is not started without. */
const there = await canSandbox()
let house: House
let outside: string

beforeAll(async () => {
  house = await House.open()
  outside = mkdtempSync(path.join(homedir(), '.coppice-sandbox-test-'))
  await house.command(WORKSPACE_STREAM, 'workspace.setSandbox', { on: true, network: false })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  rmSync(outside, { recursive: true, force: true })
})

const attempts = (): string =>
  [
    '```sh',
    'echo in > inside.txt && git add . && git -c user.name=A -c user.email=a@b commit -qm inside && echo committed',
    `echo out > ${outside}/file || echo "not outside"`,
    `echo out > ${house.at.repo}/README.md || echo "not the checkout"`,
    'hooks=$(git rev-parse --git-common-dir)/hooks; mkdir -p "$hooks" && echo x > "$hooks/post-commit" || echo "no hooks"',
    'git config core.hooksPath /x || echo "no configuration"',
    `ls ${house.runnerData}/secrets ${house.runnerData}/spool.jsonl || echo "no secrets"`,
    `test -e /proc/${house.runner?.pid} || echo "no runner"`,
    'echo temporary > /tmp/mine && echo "own tmp"',
    `(exec 3<>/dev/tcp/127.0.0.1/${new URL(house.started.url).port}) || echo "no network"`,
    '```',
  ].join('\n')

test.runIf(there)('[AC-7] in the sandbox an agent works and commits, and reaches nothing outside', async () => {
  const session = await house.session(attempts())
  const ended = await session.until('turn.ended', 1, 60_000)
  expect(ended.data).toMatchObject({ outcome: 'completed' })
  const output = session
    .data('tool.finished')
    .map((one) => String(one['output']))
    .join('\n')
  for (const said of [
    'committed',
    'not outside',
    'not the checkout',
    'no hooks',
    'no configuration',
    'no secrets',
    'no runner',
    'own tmp',
    'no network',
  ])
    expect(output).toContain(said)
  expect(existsSync(path.join(outside, 'file'))).toBe(false)
  expect(readFileSync(path.join(session.worktree, 'inside.txt'), 'utf8')).toBe('in\n')
  await session.command('session.end', { outcome: 'done' })
  await session.until('session.ended', 1, 60_000)
})

test.runIf(there)('[BE-3] a stop in the sandbox ends the command with its children', async () => {
  const session = await house.session('```sh\nsleep 500 & echo begun; sleep 500\n```')
  const { turnId } = (await session.until('tool.started', 1, 60_000)).data
  await session.command('turn.stop', { turnId: String(turnId) })
  expect((await session.until('turn.ended', 1, 60_000)).data).toMatchObject({ outcome: 'stopped' })
})

test.runIf(!there)(
  '[AC-7] without a sandbox on this machine an agent that should be in one is not started, and it is said',
  async () => {
    const session = await house.session(attempts())
    const ended = await session.until('turn.ended', 1, 60_000)
    expect(ended.data).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('bubblewrap is not installed'),
    })
    expect(existsSync(path.join(outside, 'file'))).toBe(false)
  },
)
