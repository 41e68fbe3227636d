/**
 * RL-9: what viewers that read nothing cost the others. The same streaming load with ten viewers who read, and with
 * three more who do not, in turns on one server, each of a pair first every other time. Before each measure everybody is
 * sent more than any buffer takes, so that those who do not read are stuck when it begins. The median of the pairs' ratios of
 * the readers' p99 (and p50), and how the server's memory grew. `--rounds N`, `--seconds N`.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { judge, median, percentile } from './support/figures.ts'
import { liveLoad } from './support/live-load.ts'
import { startCoppice, temporaryFolder } from './support/processes.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, seconds: { type: 'string', default: '5' } },
})
const { folder, remove } = temporaryFolder()
const server = await startCoppice(folder)
const megabytes = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))?.[1]) / 1024
try {
  // 16 MB for each viewer; then what does not load the machine: the others' delay is the server's, not the processor's.
  const load = {
    sessions: 32,
    seconds: Number(values.seconds),
    tokensPerSecond: 20,
    token: 'What a program prints. '.repeat(10),
    flood: 500_000,
  }
  const measure = async (stuck: number): Promise<readonly number[]> =>
    (await liveLoad(server.ready, { ...load, viewers: 10 + stuck, stuck })).latencies
  await measure(0)
  const before = megabytes()
  const pairs: { readonly p50: readonly [number, number]; readonly p99: readonly [number, number] }[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const first = await measure(round % 2 === 0 ? 0 : 3)
    const second = await measure(round % 2 === 0 ? 3 : 0)
    const [without, beside] = round % 2 === 0 ? [first, second] : [second, first]
    const of = (p: number): [number, number] => [percentile(without, p), percentile(beside, p)]
    const pair = { p50: of(0.5), p99: of(0.99) }
    pairs.push(pair)
    const ms = (ofPair: readonly [number, number]): string => ofPair.map((one) => one.toFixed(1)).join(' / ')
    process.stdout.write(`without / beside three that are stuck: p50 ${ms(pair.p50)}, p99 ${ms(pair.p99)} ms\n`)
  }
  const ratio = (of: 'p50' | 'p99'): number => median(pairs.map((pair) => pair[of][1] / pair[of][0]))
  process.stdout.write(`the server's memory: ${before.toFixed(0)} MB before, ${megabytes().toFixed(0)} MB after\n`)
  process.stdout.write(`readers' p50 beside stuck viewers: ${ratio('p50').toFixed(2)}x\n`)
  judge("RL-9 readers' p99 beside stuck viewers, ratio", ratio('p99'), { atMost: 1.1 }, 'x')
} finally {
  await server.stop()
  remove()
}
