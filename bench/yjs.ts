/** Updates of shared documents a server relays in a second of its processor, against @y/websocket-server (PF-13). Ours checks who writes and stores each; the other does neither. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { cpuSeconds } from './support/cpu-time.ts'
import { fixed, judge, median } from './support/figures.ts'
import { prepareCoppice } from './support/load-target.ts'
import { startCoppice, startScript, temporaryFolder } from './support/processes.ts'
import type { YjsJob, YjsResult } from './support/yjs-load.ts'

const PAIRS = Number(process.argv[2] ?? 5)
const LOAD = { rooms: 8, clientsEach: 8, rate: Number(process.argv[3] ?? 15), seconds: 5 }

interface Target {
  readonly url: string
  readonly token: string | undefined
  readonly pid: number
  prefix(run: number): string
}

async function measure(target: Target, run: number): Promise<{ perCpuSecond: number; awarenessP99: number }> {
  const job: YjsJob = { ...LOAD, url: target.url, token: target.token, prefix: target.prefix(run) }
  const load = spawn(
    process.execPath,
    [new URL('support/yjs-load.ts', import.meta.url).pathname, JSON.stringify(job)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: load.stdout })
  await once(lines, 'line')
  const before = cpuSeconds(target.pid)
  load.stdin.write('go\n')
  const [text] = await once(lines, 'line')
  const used = cpuSeconds(target.pid) - before
  const { updates, awarenessP99 } = JSON.parse(String(text)) as YjsResult
  return { perCpuSecond: updates / used, awarenessP99 }
}

const data = temporaryFolder()
const [coppice, plain] = [
  await startCoppice(data.folder),
  await startScript<{ url: string }>('bench/minimal-yjs-server.ts', []),
]
try {
  const prepared = await prepareCoppice(coppice.ready)
  if (prepared.kind !== 'coppice') throw new Error('prepared something else')
  const ours: Target = {
    url: `${coppice.ready.url}/yjs`,
    token: coppice.ready.ownerToken,
    pid: coppice.process.pid ?? 0,
    prefix: (run) => `${prepared.workspaceId}/run-${run}/room-`,
  }
  const theirs: Target = {
    url: plain.ready.url,
    token: undefined,
    pid: plain.process.pid ?? 0,
    prefix: (run) => `run-${run}-room-`,
  }
  // One unmeasured run each: both are compiled by then.
  await measure(ours, 0)
  await measure(theirs, 0)
  const ratios: number[] = []
  const awareness: number[] = []
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    const [a, b] = [await measure(ours, pair), await measure(theirs, pair)]
    ratios.push(a.perCpuSecond / b.perCpuSecond)
    awareness.push(a.awarenessP99 / b.awarenessP99)
    console.log(
      `pair ${pair}: ${fixed(a.perCpuSecond, 0)} updates per processor second, @y/websocket-server ${fixed(b.perCpuSecond, 0)}, ratio ${fixed(a.perCpuSecond / b.perCpuSecond)}; ` +
        `awareness p99 ${fixed(a.awarenessP99, 1)} ms to ${fixed(b.awarenessP99, 1)} ms`,
    )
  }
  judge('PF-13 Yjs updates per processor second, ratio to @y/websocket-server', median(ratios), { atLeast: 0.9 })
  judge('PF-13 awareness p99, ratio', median(awareness), { atMost: 1 })
} finally {
  await coppice.stop()
  await plain.stop()
  data.remove()
}
