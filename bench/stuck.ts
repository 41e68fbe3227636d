/**
 * RL-9: what viewers that read nothing cost the others. The same streaming load with ten viewers who read, and with
 * three more who do not, in turns on one server; the ratio of the readers' p99, and how the server's memory grew.
 * `--rounds N`.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { judge, median, percentile } from './support/figures.ts'
import { liveLoad } from './support/live-load.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } })
const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const megabytes = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1]) / 1024
try {
  // So much that no buffer of the system takes it: 20 MB for each who does not read.
  const load = { sessions: 32, seconds: 8, tokensPerSecond: 20, token: 'What a program prints. '.repeat(180) }
  await liveLoad(server.ready, { ...load, viewers: 10, stuck: 0 })
  const before = megabytes()
  const ratios: number[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const without = await liveLoad(server.ready, { ...load, viewers: 10, stuck: 0 })
    const beside = await liveLoad(server.ready, { ...load, viewers: 13, stuck: 3 })
    const [one, other] = [percentile(without.latencies, 0.99), percentile(beside.latencies, 0.99)]
    process.stdout.write(`p99 without ${one.toFixed(1)} ms, beside three that are stuck ${other.toFixed(1)} ms\n`)
    ratios.push(other / one)
  }
  process.stdout.write(`the server's memory: ${before.toFixed(0)} MB before, ${megabytes().toFixed(0)} MB after\n`)
  judge("RL-9 readers' p99 beside stuck viewers, ratio", median(ratios), { atMost: 1.1 }, 'x')
} finally {
  await server.stop()
  remove()
}
