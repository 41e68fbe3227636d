/**
 * PF-3: a hundred sessions stream at once through a real server, ten viewers look. From an agent's token to the viewer that
 * has it, with the runner's coalescing; and whether each had a message's whole text when it ended. Runner and viewers
 * are one process of this machine. `--seconds N`, `--rate N` tokens a second for each session.
 */
import { parseArgs } from 'node:util'
import { judge, percentile } from './support/figures.ts'
import { liveLoad } from './support/live-load.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, rate: { type: 'string', default: '30' } },
})
const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
try {
  const load = { viewers: 10, stuck: 0, seconds: Number(values.seconds), tokensPerSecond: Number(values.rate) }
  const one = await liveLoad(server.ready, { ...load, sessions: 1, seconds: 3 })
  const base = percentile(one.latencies, 0.5)
  process.stdout.write(
    `one session alone: p50 ${base.toFixed(1)}, p99 ${percentile(one.latencies, 0.99).toFixed(1)} ms\n`,
  )
  const { latencies, lost, ended } = await liveLoad(server.ready, { ...load, sessions: 100 })
  const p50 = percentile(latencies, 0.5)
  process.stdout.write(`a hundred: ${latencies.length} tokens received, ${(p50 / base).toFixed(2)}x one's p50\n`)
  judge('PF-3 token to viewer, p50', p50, { atMost: 80 }, 'ms')
  judge('PF-3 token to viewer, p99', percentile(latencies, 0.99), { atMost: 250 }, 'ms')
  judge(`PF-3 of ${ended} ends heard, without the whole text`, lost, { atMost: 0 })
} finally {
  await server.stop()
  remove()
}
