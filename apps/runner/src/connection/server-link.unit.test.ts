import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { ServerLink } from './server-link.ts'

test('a token file that cannot be read for a moment costs an attempt, not the process', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const down: string[] = []
  let reads = 0
  const read = (): string => {
    reads += 1
    if (reads === 2) throw new Error('ENOENT: no such file')
    return 'token'
  }
  const nothing = (): void => undefined
  const link = new ServerLink(`http://127.0.0.1:${address.port}`, { renewable: true, read }, 'c1', {
    welcome: nothing,
    message: nothing,
    down: (why) => down.push(why),
    refused: (why) => down.push(`refused: ${why}`),
  })
  try {
    const first = once(server, 'connection')
    link.start()
    const [socket] = await first
    const second = once(server, 'connection')
    socket.close(1001, 'going')
    await second
    expect(down).toEqual(['going', 'The runner token cannot be read: ENOENT: no such file.'])
  } finally {
    link.stop()
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
})
