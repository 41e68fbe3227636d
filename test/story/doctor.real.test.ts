import { existsSync } from 'node:fs'
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { idIn, newId, type LogId } from '@coppice/events'
import { examinationSchema, type Finding } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSession } from '../../apps/sync/src/testing/commands.ts'
import { SyncClient } from '../../apps/sync/src/testing/sync-client.ts'
import { coppiceCommand } from '../support/command.ts'
import { RunningCoppice } from '../support/coppice.ts'
import { git, smallRepository } from '../support/repository.ts'

let coppice: RunningCoppice
let repo: string
const [sessionId, lostId] = [newId(), newId()]

beforeAll(async () => {
  repo = await smallRepository()
  coppice = await RunningCoppice.start({ repo })
  const owner = await SyncClient.connect(coppice.url, { token: coppice.ownerToken })
  const log = owner.welcome.logs.find((one) => one.log.startsWith('workspace:'))?.log as LogId
  owner.subscribe(log)
  for (const id of [sessionId, lostId]) {
    await owner.push(createSession(idIn(log), id))
    await owner.next('events', ({ events }) =>
      events.some((event) => event.type === 'worktree.ready' && event.stream === `session/${id}`),
    )
  }
  await owner.close()
})
afterAll(async () => {
  await coppice.stop()
  await rm(repo, { recursive: true, force: true })
})

async function doctor(...args: string[]): Promise<{ code: number | null; findings: readonly Finding[] }> {
  const { code, out, err } = await coppiceCommand(['doctor', '--json', '--data', coppice.data, ...args])
  expect(err).toBe('')
  return { code, findings: examinationSchema.parse(JSON.parse(out)).findings }
}
const said = (findings: readonly Finding[]): string => findings.map(({ says }) => says).join('\n')

test('[OB-2] a running Coppice is examined from the terminal: nothing is wrong, and nothing is mended meanwhile', async () => {
  const { code, out } = await coppiceCommand(['doctor', '--mend', '--data', coppice.data])
  expect(out).toContain('Nothing is wrong.')
  expect(out).toContain('A server runs on this folder')
  expect(out).toMatch(/Examined: logs \d+, events \d+, sessions 2, receipts \d+,.* worktrees 2/)
  expect(out).toMatch(/Versions: .*node v\d+.*schema \d+.*git 2/)
  expect(code).toBe(0)
})

test('[OB-2] worktrees and refs that no session owns, and a session whose worktree is gone, are named when it is stopped', async () => {
  await coppice.stop({ keepData: true })
  const runner = join(coppice.data, 'runner')
  expect((await doctor()).findings.filter(({ level }) => level === 'wrong')).toEqual([])

  await rm(join(runner, 'worktrees', lostId), { recursive: true })
  await mkdir(join(runner, 'worktrees', 'stray'))
  await git(repo, 'update-ref', 'refs/coppice/nobody/cp1', 'HEAD')
  await writeFile(join(runner, 'sessions', 'broken.json'), '{"sessionId":')
  const left = join(runner, 'sessions', `${sessionId}.json.new`)
  await writeFile(left, '{')

  const { code, findings } = await doctor()
  expect(code).toBe(1)
  expect(said(findings)).toContain(`The worktree of session ${lostId} is gone`)
  expect(said(findings)).toContain(`${join(runner, 'worktrees', 'stray')} is of no session`)
  expect(said(findings)).toContain('refs/coppice/nobody/, and no log knows that session')
  expect(said(findings)).toContain('broken.json cannot be read')
  expect(said(findings)).toContain(`${left} was left by a process that was cut off`)
  expect(said(findings)).not.toContain(`session ${sessionId}`)

  // Only what holds no work is mended.
  await doctor('--mend')
  expect(existsSync(left)).toBe(false)
  expect(existsSync(join(runner, 'worktrees', 'stray'))).toBe(true)
  expect(await git(repo, 'for-each-ref', 'refs/coppice/nobody')).toContain('cp1')
})

test('[OB-2] a store that does not open is named, and so is one that was never whole', async () => {
  const control = join(coppice.data, 'store', 'pg', 'global', 'pg_control')
  await truncate(control, 100)
  const broken = await doctor()
  expect(broken.code).toBe(1)
  expect(said(broken.findings)).toMatch(/The store (does not open|could not be examined)/)

  await rm(join(coppice.data, 'store', 'complete'))
  expect(said((await doctor()).findings)).toContain(`There is no whole store in ${coppice.data}.`)
  const elsewhere = await coppiceCommand(['doctor', '--data', join(coppice.data, 'nowhere')])
  expect(elsewhere.out).toContain('There is no folder')
  expect(elsewhere.code).toBe(1)
})
