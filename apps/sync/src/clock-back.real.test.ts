import { workspaceLog } from '@coppice/events'
import { expect, onTestFinished, test } from 'vitest'
import { freshDataFolder } from './testing/data-folder.ts'
import { begin } from './testing/load.ts'
import { renameSession } from './testing/commands.ts'
import { startServerProcess, type ServerProcess } from './testing/server-process.ts'
import { SyncClient } from './testing/sync-client.ts'

const SHIFTED_CLOCK = new URL('./testing/shifted-clock.ts', import.meta.url).pathname
const HOUR_MS = 3_600_000

test('[RL-4] on a machine whose clock was set back the log still never goes back in time, and all goes on', async () => {
  const place = await freshDataFolder()
  onTestFinished(() => place.remove())
  const start = (shiftMs: number): Promise<ServerProcess> =>
    startServerProcess(place, undefined, ['--port', '0'], {
      imports: [SHIFTED_CLOCK],
      env: { CLOCK_SHIFT_MS: String(shiftMs) },
    })
  const before = await start(HOUR_MS)
  const known = await begin(before)
  await before.kill('SIGTERM')

  const after = await start(-HOUR_MS)
  onTestFinished(async () => void (await after.kill('SIGKILL')))
  const client = await SyncClient.connect(after.url, { token: after.ownerToken })
  const result = await client.push(renameSession(known.workspaceId, known.sessionId, 'later'))
  const log = workspaceLog(known.workspaceId)
  client.subscribe(log)
  const events = await client.eventsUpTo(log, result.kind === 'accepted' ? result.to : 0)
  const times = events.map(({ recordedAt }) => recordedAt ?? 0)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.at(-1)).toBeGreaterThan(Date.now())
  await client.close()
})
