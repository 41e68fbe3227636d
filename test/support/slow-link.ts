import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What a connection may send before it becomes slow: pages and small messages come through as they are. */
const QUICK_BYTES = 256 * 1024
const STEP_MS = 50

/** A way to a server of this machine on which much is sent slowly; what comes back is not held up. */
export async function slowLink(to: string, bytesPerSecond: number): Promise<{ url: string; close(): void }> {
  const { hostname, port } = new URL(to)
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    far.pipe(near)
    carry(near, far, bytesPerSecond)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the slow link has no port')
  const close = (): void => {
    server.close()
    for (const socket of open) socket.destroy()
  }
  return { url: `http://127.0.0.1:${address.port}`, close }
}

function carry(from: Socket, to: Socket, bytesPerSecond: number): void {
  let carried = 0
  from.on('data', (bytes) => {
    carried += bytes.length
    to.write(bytes)
    if (carried < QUICK_BYTES) return
    from.pause()
    void pause(Math.max(STEP_MS, (1_000 * bytes.length) / bytesPerSecond)).then(() => from.resume())
  })
}
