import { parseArgs } from 'node:util'
import { runSimulation } from '../test/simulation/run-simulation.ts'

/** `pnpm sim --seeds 10000 [--from 1]`: tries many simulated worlds; prints the seeds whose promises were broken. */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
})
const [seeds, from] = [Number(values.seeds), Number(values.from)]
if (!Number.isInteger(seeds) || !Number.isInteger(from) || seeds < 1)
  throw new Error('usage: pnpm sim --seeds NUMBER [--from NUMBER]')

const TOLD_EVERY = 500
const broken: number[] = []
const begun = process.hrtime.bigint()
let steps = 0
let events = 0
for (let seed = from; seed < from + seeds; seed += 1) {
  try {
    const ran = await runSimulation(seed)
    steps += ran.steps
    events += ran.events
  } catch (error) {
    broken.push(seed)
    console.error(error instanceof Error ? error.message : String(error))
  }
  const done = seed - from + 1
  if (done % TOLD_EVERY === 0 || done === seeds) {
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9
    console.log(`${done} worlds, ${steps} steps, ${events} events, ${broken.length} broken, ${seconds.toFixed(0)} s`)
  }
}
if (broken.length > 0) {
  console.error(`Broken seeds: ${broken.join(' ')}`)
  process.exitCode = 1
}
