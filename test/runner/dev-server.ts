/** A dev server for the tests of previews: tells what it was asked, sets cookies, and echoes what an upgraded connection sends. */
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  if (request.url === '/away') {
    response.writeHead(302, { location: `http://localhost:${process.env['PORT'] ?? ''}/there` })
    return response.end()
  }
  if (request.url === '/page') {
    response.writeHead(200, { 'content-type': 'text/html' })
    return response.end('<!doctype html><title>Dev page</title><h1>Hello from the dev server</h1>')
  }
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  return request.on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': ['sid=1; Path=/', 'coppice-evil.session_token=x; Path=/'],
    })
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
  })
})
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  socket.write(`origin ${String(request.headers.origin)}\n`)
  socket.pipe(socket)
})
server.listen(Number(process.env['PORT']), '127.0.0.1', () => console.log(`listening on ${process.env['PORT'] ?? ''}`))
