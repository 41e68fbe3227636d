/** The baseline of PF-13: @y/websocket-server as it comes, in memory, letting everybody in. Prints its address as JSON. */
import { createServer } from 'node:http'
import { setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'

const http = createServer()
const sockets = new WebSocketServer({ noServer: true })
http.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (webSocket) => setupWSConnection(webSocket, request))
})
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }))
})
process.on('SIGTERM', () => process.exit(0))
