import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RecordUpload } from './record-upload.ts'

/** What a stream server does with numbered appends, in a few lines; it loses the answer to the first one. */
let server: Server
let folder: string
let stored: string
let answersLost: number
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coppice-record-'))
  stored = ''
  answersLost = 0
  let expected = 0
  server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const part of request) body += String(part)
      const offset = (): string => `0000000000000000_${String(stored.length).padStart(16, '0')}`
      if (request.method !== 'POST') return response.writeHead(200, { 'stream-next-offset': offset() }).end()
      const seq = Number(request.headers['producer-seq'])
      if (seq > expected) return response.writeHead(409).end()
      const isNew = seq === expected
      if (isNew) {
        expected += 1
        stored += body
      }
      if (answersLost > 0) {
        answersLost -= 1
        return request.socket.destroy()
      }
      return response.writeHead(isNew ? 200 : 204, { 'stream-next-offset': offset() }).end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

test('[SY-6] a record’s piece whose answer was lost is there once, and the next piece is not taken for a repeat of it', async () => {
  const file = path.join(folder, 'turn.jsonl')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const to = { server: url, token: { read: () => 'secret', renewable: false }, runnerId: 'r1', epoch: 1 }
  const upload = new RecordUpload(url, 'w/runs/r/t', file, 'click')
  await writeFile(file, 'first ')
  answersLost = 1
  await expect(upload.send(to, false)).rejects.toThrow('fetch failed')
  await writeFile(file, 'first second')
  expect(await upload.send(to, false)).toEqual({ kind: 'sent' })
  expect(stored).toBe('first second')
})
