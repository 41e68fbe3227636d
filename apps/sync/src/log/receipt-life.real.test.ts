import { INSTANCE_LOG, INSTANCE_STREAM, newId, runnerStream, workspaceLog, type Command } from '@coppice/events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Directory } from '../access/directory.ts'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { createSession, createWorkspace, renameSession } from '../testing/commands.ts'
import { freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import { derivingFrom } from '../testing/deriving.ts'
import { Logs } from './logs.ts'
import { forgetOldReceipts } from './receipt-life.ts'
import { serverCommand } from './server-command.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const mara: Principal = { kind: 'user', id: 'mara', name: 'Mara' }

let folder: TestPlace
let store: RunningStore
let workspaceId: string
let sessionId: string

/** The server's logs as they are so many days from now, with nothing in memory. */
async function logsIn(days: number): Promise<Logs> {
  const directory = new Directory()
  const logs = new Logs({
    store,
    directory,
    now: () => Date.now() + days * DAY_MS,
    committed: (commit) => commit.events.forEach((event) => directory.apply(event)),
    deriving: await derivingFrom(store),
  })
  await logs.load()
  return logs
}

const push = async (logs: Logs, command: Command) => (await logs.open(workspaceLog(workspaceId))).submit(command, mara)

beforeEach(async () => {
  folder = await freshDataFolder()
  store = await openStore(folder)
  workspaceId = newId()
  sessionId = newId()
  const logs = await logsIn(0)
  await serverCommand(logs, { log: INSTANCE_LOG, stream: INSTANCE_STREAM }, 'user.join', {
    userId: 'mara',
    name: 'Mara',
    role: 'owner',
  })
  await serverCommand(logs, { log: INSTANCE_LOG, stream: runnerStream('r1') }, 'runner.register', {
    runnerId: 'r1',
    name: 'Here',
  })
  await push(logs, createWorkspace(workspaceId, 'r1'))
  await push(logs, createSession(workspaceId, sessionId))
})
afterEach(async () => {
  await store.close()
  await folder.remove()
})

const receipts = async (): Promise<number> =>
  Number((await store.query('select count(*)::int as count from receipts', [])).rows[0]?.['count'])

test('[LF-3, SY-9] what was written three months ago off line is done; past the life of receipts it is refused, with the reason', async () => {
  const command = renameSession(workspaceId, sessionId, 'Written long ago')
  expect(await push(await logsIn(90), command)).toMatchObject({ kind: 'accepted' })
  const late = renameSession(workspaceId, sessionId, 'Too late')
  const refusal = { code: 'too_old', message: expect.stringMatching(/written 18\d days ago .* Send it again/) }
  expect(await push(await logsIn(LIMITS.receiptDays + 2), late)).toEqual({ kind: 'refused', refusal })
})

test('[LF-3] an accepted command is recognised for ever, by its events: never done twice', async () => {
  const command = renameSession(workspaceId, sessionId, 'Once')
  const first = await push(await logsIn(0), command)
  expect(await push(await logsIn(10 * 365), command)).toEqual(first)
})

test('[LF-3, OB-3] a refusal is remembered for its life, and then let go', async () => {
  const command = renameSession(workspaceId, newId(), 'Nowhere')
  const refused = await push(await logsIn(0), command)
  expect(refused).toMatchObject({ kind: 'refused' })
  expect(await push(await logsIn(LIMITS.receiptDays), command)).toEqual(refused)
  const kept = await receipts()
  expect(await forgetOldReceipts(store)).toBe(0)
  expect(await receipts()).toBe(kept)
  await store.query('update receipts set answered_at = now() - make_interval(days => $1::int)', [
    LIMITS.receiptDays + 2,
  ])
  expect(await forgetOldReceipts(store)).toBe(kept)
  expect(await receipts()).toBe(0)
})
