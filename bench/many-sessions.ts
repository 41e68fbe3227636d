/**
 * Sessions that all work at once, with the web app open on the same machine: keystroke to paint and click to paint, beside the same
 * page while none works; and what the runner holds in memory for each, beside an agent's own process.
 *
 *   pnpm bench many-sessions [--sessions 16] [--strokes 60] [--clicks 12]
 */
import path from 'node:path'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { homeMarker, processesMarked } from '../apps/runner/src/agents/process-sweep.ts'
import { temporaryRepository } from '../apps/runner/src/git/temporary-repository.ts'
import { newDevice } from './support/device.ts'
import { judge, percentile } from './support/figures.ts'
import { clickToPaint, strokeToPaint } from './support/page-latency.ts'
import { residentMiB, startCoppice, startScript, type ServerReady } from './support/processes.ts'
import { WorkingSessions } from './support/working-sessions.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '16' },
    strokes: { type: 'string', default: '60' },
    clicks: { type: 'string', default: '12' },
  },
})
const count = Number(values.sessions)
const p95 = (all: readonly number[]): number => percentile(all, 0.95)
const words = (all: readonly number[]): string =>
  `p50 ${percentile(all, 0.5).toFixed(1).padStart(6)}, p95 ${p95(all).toFixed(1).padStart(6)} ms`

/** Not one of the commands that an agent runs. */
const isAgent = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('script-agent/main.ts')

using at = temporaryRepository()
const server = await startCoppice(path.join(at.root, 'server'))
const { runnerToken } = server.ready as ServerReady & { runnerToken: string }
const tokenFile = path.join(at.root, 'runner-token')
writeFileSync(tokenFile, runnerToken, { mode: 0o600 })
const runner = await startScript<{ pid: number }>(
  'apps/runner/src/main.ts',
  ['--json', '--server', server.ready.url, '--data', path.join(at.root, 'runner'), '--token-file', tokenFile],
  { COPPICE_SCRIPT_WORD_MS: '20' },
)
const device = await newDevice(server.ready, '')
let sessions: WorkingSessions | undefined
try {
  const none = residentMiB(runner.ready.pid)
  sessions = await WorkingSessions.create(server.ready, at.repo, count)
  await sessions.all('idle')
  const idle = residentMiB(runner.ready.pid)
  const { page } = device
  await page.goto(`${server.ready.url}/session/${sessions.ids[0]}`)
  await page
    .locator('.session-row')
    .nth(count - 1)
    .waitFor()

  const { ids } = sessions
  const measure = async (): Promise<{ strokes: number[]; clicks: number[] }> => ({
    strokes: await strokeToPaint(page, Number(values.strokes)),
    clicks: await clickToPaint(page, ids.slice(0, 4), Number(values.clicks)),
  })
  const quiet = await measure()
  await sessions.work()
  await sessions.all('working')
  const busy = await measure()
  const working = residentMiB(runner.ready.pid)
  const started = await processesMarked(homeMarker, path.join(at.root, 'runner'))
  const agents = started.filter(isAgent).map(residentMiB)
  const still = sessions.working()

  process.stdout.write(
    `keystroke to paint   none works ${words(quiet.strokes)}   ${count} work ${words(busy.strokes)}\n`,
  )
  process.stdout.write(`click to paint       none works ${words(quiet.clicks)}   ${count} work ${words(busy.clicks)}\n`)
  process.stdout.write(
    `runner ${none.toFixed(0)} MiB; ${((idle - none) / count).toFixed(1)} more for each idle session, ${((working - idle) / count).toFixed(1)} more where it works; an agent's process ${percentile(agents, 0.5).toFixed(0)} MiB (${agents.length} of them)\n`,
  )
  process.stdout.write(`${still} of ${count} worked until the end of the measure\n`)
  for (const what of ['strokes', 'clicks'] as const)
    judge(
      `${what}, p95, while ${count} work`,
      p95(busy[what]),
      { atMost: Math.round(Math.max(100, 2 * p95(quiet[what]))) },
      'ms',
    )
} finally {
  sessions?.close()
  await device.close()
  await runner.stop()
  await server.stop()
}
