import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { startServerProcess } from './testing/server-process.ts'

let folder: TestPlace
beforeEach(async () => {
  folder = await freshDataFolder()
})
afterEach(() => folder.remove())

/** A port that is free right now. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Asks for a WebSocket and gives the first line of the answer; nothing where nobody listens. */
function asked(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => resolve(undefined))
    // Where it was closed without a word.
    socket.on('close', () => resolve(undefined))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(String(data).split('\r\n')[0])
    })
    socket.write(
      [
        'GET /sync HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        '\r\n',
      ].join('\r\n'),
    )
  })
}

test('who connects while the server starts is told to come back, and nothing of that keeps the server from stopping', async () => {
  const port = await freePort()
  const starting = startServerProcess(folder, undefined, ['--port', String(port)])
  const answers = new Set<string>()
  for (let open = false; !open;) {
    const answer = await asked(port)
    if (answer !== undefined) answers.add(answer)
    open = answer?.includes(' 101 ') === true
  }
  expect([...answers]).toEqual(['HTTP/1.1 503 Service Unavailable', 'HTTP/1.1 101 Switching Protocols'])
  const server = await starting
  expect(await server.kill('SIGTERM')).toBe(0)
})
