import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { newId, WORKSPACE_STREAM, type WorkspaceTask } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House, isAlive, type SessionInHouse } from './house.ts'

const PATIENCE = 60_000

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

async function task(script: string, more: Partial<WorkspaceTask> = {}): Promise<WorkspaceTask> {
  const made: WorkspaceTask = {
    taskId: newId(),
    name: `task ${newId().slice(-6)}`,
    kind: 'test',
    folder: '',
    script,
    environment: [],
    ...more,
  }
  expect(await house.command(WORKSPACE_STREAM, 'workspace.setTask', made)).toBeUndefined()
  return made
}

async function start(session: SessionInHouse, { taskId, name, kind }: WorkspaceTask): Promise<string> {
  const runId = newId()
  expect(await session.command('task.start', { runId, taskId, name, kind })).toBeUndefined()
  return runId
}

async function facts(session: SessionInHouse, type: string, runId: string): Promise<Record<string, unknown>> {
  await expect.poll(() => session.data(type).some((data) => data['runId'] === runId), { timeout: PATIENCE }).toBe(true)
  return session.data(type).find((data) => data['runId'] === runId) ?? {}
}

const streamOf = (runId: string): string => `${house.started.url}/streams/${house.workspaceId}/tasks/${runId}`
const owner = (): Record<string, string> => ({ authorization: `Bearer ${house.started.ownerToken}` })
const output = async (runId: string): Promise<string> => (await fetch(streamOf(runId), { headers: owner() })).text()
const outputHas = (runId: string, text: string): Promise<void> =>
  expect.poll(() => output(runId), { timeout: PATIENCE }).toContain(text)

async function quiet(): Promise<SessionInHouse> {
  const session = await house.session(undefined)
  await session.until('worktree.ready', 1, PATIENCE)
  return session
}

test('[TR-1] [TR-3] [TR-4] a task runs in its folder with its variables; its output comes live with colour, and stays', async () => {
  const session = await quiet()
  const gate = path.join(house.at.root, newId())
  const made = await task(
    `printf '\\033[32mgreen\\033[0m %s %s\\n' "$GREETING" "$(pwd)"; while [ ! -e ${gate} ]; do sleep 0.1; done; echo done >&2; exit 3`,
    { folder: 'src', environment: [{ name: 'GREETING', value: 'good morning' }] },
  )
  const runId = await start(session, made)
  expect(await facts(session, 'process.started', runId)).toMatchObject({ name: made.name, stream: `tasks/${runId}` })
  // Seen while it runs.
  await outputHas(runId, `\u001b[32mgreen\u001b[0m good morning ${session.worktree}/src`)
  expect(session.state.processes).toMatchObject([{ runId, started: true }])
  writeFileSync(gate, '')
  expect(await facts(session, 'process.ended', runId)).toMatchObject({
    status: 'failed',
    exitCode: 3,
    message: 'It ended with code 3.',
  })
  await outputHas(runId, 'done\n')
  const again = await start(session, { ...made, name: 'another name' })
  expect(await facts(session, 'process.ended', again)).toMatchObject({ status: 'failed' })
  expect(session.state.processes).toEqual([])
})

test('[TR-2] stopping ends its children too, also those that left its group, and it is canceled', async () => {
  const session = await quiet()
  const made = await task('setsid sleep 600 & echo child $!; sleep 600 & echo child $!; wait', { kind: 'start' })
  const runId = await start(session, made)
  await expect.poll(async () => (await output(runId)).match(/child \d+/g)?.length, { timeout: PATIENCE }).toBe(2)
  const children = [...(await output(runId)).matchAll(/child (\d+)/g)].map(([, pid]) => pid ?? '')
  expect(children.map(isAlive)).toEqual([true, true])
  const second = await session.command('task.start', { runId: newId(), taskId: made.taskId, name: 'x', kind: 'start' })
  expect(second?.message).toContain('runs already')
  expect(await session.command('process.stop', { runId })).toBeUndefined()
  expect(await facts(session, 'process.ended', runId)).toMatchObject({ status: 'canceled', message: 'It was stopped.' })
  await expect.poll(() => children.map(isAlive)).toEqual([false, false])
})

test('[TR-5] each session has ports of its own, the same for its tasks and its agent', async () => {
  const [one, two] = [await quiet(), await quiet()]
  const made = await task('echo "ports $COPPICE_PORT to $COPPICE_PORT_10, $PORT"')
  const begun = await start(one, made)
  const first = await facts(one, 'process.started', begun)
  await facts(one, 'process.ended', begun)
  const other = await facts(two, 'process.started', await start(two, made))
  const again = await start(one, made)
  const range = first['ports'] as { first: number; count: number }
  const otherRange = other['ports'] as { first: number; count: number }
  expect(Math.abs(range.first - otherRange.first)).toBeGreaterThanOrEqual(range.count)
  await outputHas(again, `ports ${range.first} to ${range.first + 9}, ${range.first}\n`)
  await one.send('```sh\necho "agent $COPPICE_PORT" > port.txt\n```')
  await one.until('turn.ended', 1, PATIENCE)
  expect(readFileSync(path.join(one.worktree, 'port.txt'), 'utf8')).toBe(`agent ${range.first}\n`)
})

test('what cannot be started says why: no such folder, a task that is gone', async () => {
  const session = await quiet()
  const lost = await start(session, await task('true', { folder: 'no/such' }))
  expect(await facts(session, 'process.ended', lost)).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('no folder "no/such"') as string,
  })
  const out = await start(session, await task('true', { folder: '../..' }))
  expect(String((await facts(session, 'process.ended', out))['message'])).toContain('leads out of the worktree')
  const gone = await task('true')
  await house.command(WORKSPACE_STREAM, 'workspace.removeTask', { taskId: gone.taskId })
  const run = await start(session, gone)
  expect(String((await facts(session, 'process.ended', run))['message'])).toContain('no such task')
})

test('[TR-3] a task goes on while the server is away; what it printed meanwhile arrives', async () => {
  const session = await quiet()
  const made = await task('for n in 1 2 3 4 5 6 7 8; do echo "line $n"; sleep 0.5; done')
  const runId = await start(session, made)
  await outputHas(runId, 'line 1')
  const port = Number(new URL(house.started.url).port)
  await house.stopServer('SIGKILL')
  await house.startServer(port)
  expect(await facts(session, 'process.ended', runId)).toMatchObject({ status: 'completed', exitCode: 0 })
  await expect
    .poll(() => output(runId), { timeout: PATIENCE })
    .toBe([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}\n`).join(''))
})

test('[TR-4] a runner that is killed: its tasks are failed with the reason, their processes gone, their output kept', async () => {
  const session = await quiet()
  const runId = await start(session, await task('echo "begun $$"; sleep 600', { kind: 'start' }))
  await outputHas(runId, 'begun')
  const pid = /begun (\d+)/.exec(await output(runId))?.[1] ?? ''
  await house.stopRunner('SIGKILL')
  await house.startRunner()
  expect(await facts(session, 'process.ended', runId)).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('runner was restarted') as string,
  })
  await expect.poll(() => isAlive(pid)).toBe(false)
  await expect
    .poll(
      async () => (await fetch(streamOf(runId), { method: 'HEAD', headers: owner() })).headers.get('stream-closed'),
      {
        timeout: PATIENCE,
      },
    )
    .toBe('true')
})

test('ending a session ends what runs in it first', async () => {
  const session = await quiet()
  const runId = await start(session, await task('sleep 600', { kind: 'start' }))
  await facts(session, 'process.started', runId)
  await session.command('session.end', { outcome: 'done' })
  await session.until('session.ended', 1, PATIENCE)
  expect(await facts(session, 'process.ended', runId)).toMatchObject({ status: 'canceled' })
  expect(session.types.indexOf('process.ended')).toBeLessThan(session.types.indexOf('session.ended'))
})
