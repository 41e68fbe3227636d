/** A load in a process of its own: so many frames of commands in flight, and subscribers; prints acknowledged commands a second. */
import { newId } from '@coppice/events'
import { closeLoadSocket, openLoadSocket, openSubscribers } from './load-client.ts'
import { commandText, type LoadTarget } from './load-target.ts'

export interface AppendJob {
  readonly target: LoadTarget
  readonly connections: number
  /** Frames that are not answered whole yet. */
  readonly inFlight: number
  /** Commands in a frame. */
  readonly batch: number
  readonly subscribers: number
  readonly warmMs: number
  readonly measureMs: number
}

const job = JSON.parse(process.argv[2] ?? '') as AppendJob
const { target } = job

let delivered = 0
const subscribers = await openSubscribers(target, job.subscribers, (text) => {
  if (text.startsWith('{"t":"events"')) delivered += 1
})

let sent = 0
let acknowledged = 0
let stopped = false
const push = (socket: { send(text: string): void }): void => {
  if (stopped) return
  const commands = Array.from({ length: job.batch }, () => commandText(target, newId(), (sent += 1)))
  socket.send(`{"t":"push","commands":[${commands.join(',')}]}`)
}
const pushers = await Promise.all(
  Array.from({ length: job.connections }, async () => {
    let answered = 0
    const socket = await openLoadSocket(target, (text) => {
      if (!text.startsWith('{"t":"receipt"')) return
      if (text.includes('"refused"')) throw new Error(`a command of the load was refused: ${text}`)
      acknowledged += 1
      answered += 1
      // The frames of one socket are answered in their order.
      if (answered % job.batch === 0) push(socket)
    })
    return socket
  }),
)
for (let n = 0; n < job.inFlight; n += 1) {
  const socket = pushers[n % pushers.length]
  if (socket) push(socket)
}
await new Promise((resolve) => setTimeout(resolve, job.warmMs))
const [before, begun] = [acknowledged, performance.now()]
await new Promise((resolve) => setTimeout(resolve, job.measureMs))
const perSecond = ((acknowledged - before) / (performance.now() - begun)) * 1000
stopped = true
await new Promise((resolve) => setTimeout(resolve, 300))
if (acknowledged !== sent) throw new Error(`${sent} commands were sent, ${acknowledged} acknowledged`)
if (job.subscribers > 0 && delivered === 0) throw new Error('the subscribers got nothing')
for (const socket of [...pushers, ...subscribers]) closeLoadSocket(socket)
console.log(JSON.stringify({ perSecond }))
