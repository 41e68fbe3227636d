/** A load in a process of its own: so many commands a second whatever the server does (open loop), and how long until each is in each subscriber's hands. */
import { closeLoadSocket, openLoadSocket, openSubscribers } from './load-client.ts'
import { commandText, type LoadTarget } from './load-target.ts'
import { percentile } from './figures.ts'

export interface LatencyJob {
  readonly target: LoadTarget
  readonly perSecond: number
  readonly subscribers: number
  readonly warm: number
  readonly count: number
  /** Makes the ids of this run its own. */
  readonly run: string
}

const job = JSON.parse(process.argv[2] ?? '') as LatencyJob
const { target } = job
const marker = target.kind === 'coppice' ? `"causationId":"${job.run}-` : `"id":"${job.run}-`

const sentAt: number[] = []
const latencies: number[] = []
let deliveries = 0
const subscribers = await openSubscribers(target, job.subscribers, (text) => {
  const now = performance.now()
  for (let at = text.indexOf(marker); at !== -1; at = text.indexOf(marker, at + 1)) {
    const n = Number.parseInt(text.slice(at + marker.length, at + marker.length + 9), 10)
    deliveries += 1
    if (n >= job.warm) latencies.push(now - (sentAt[n] ?? Number.NaN))
  }
})
const pusher = await openLoadSocket(target, () => undefined)

const begun = performance.now()
for (let n = 0; n < job.warm + job.count; n += 1) {
  // By the schedule, not by the last answer: a server that stalls is charged for all who wait.
  const due = begun + (n * 1000) / job.perSecond
  const early = due - performance.now()
  if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
  sentAt[n] = Math.max(due, begun)
  pusher.send(`{"t":"push","commands":[${commandText(target, `${job.run}-${String(n).padStart(9, '0')}`, n)}]}`)
}
const due = (job.warm + job.count) * job.subscribers
const arrived = (): boolean => deliveries === due
for (let waited = 0; !arrived() && waited < 5_000; waited += 20) await new Promise((resolve) => setTimeout(resolve, 20))
if (!arrived()) throw new Error(`${due} deliveries were due, ${deliveries} came`)
for (const socket of [pusher, ...subscribers]) closeLoadSocket(socket)
console.log(JSON.stringify({ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }))
