import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { newId } from '@coppice/events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { House } from './house.ts'

let house: House
beforeEach(async () => {
  house = await House.open()
})
afterEach(() => house[Symbol.asyncDispose]())

test('[M-5] the agent is told where a message’s files lie: the very bytes, outside the worktree', async () => {
  const session = await house.session('Begin.')
  await session.until('turn.ended')
  const bytes = randomBytes(100_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const put = await fetch(`${house.started.url}/blobs/${house.workspaceId}/${sha256}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${house.started.ownerToken}`, 'content-type': 'application/pdf' },
    body: new Uint8Array(bytes),
  })
  expect(put.status).toBe(201)
  const attachments = [{ sha256, size: bytes.length, type: 'application/pdf', name: 'plan.pdf' }]
  const text = 'Read it.\n\n```sh\ngit status --porcelain --ignored\n```'
  await session.command('message.send', { messageId: newId(), text, attachments })
  const ended = await session.until('turn.ended', 2)
  expect(ended.data).toMatchObject({ outcome: 'completed' })
  const said = session.data('message.added').map((one) => String(one['text']))
  const told = said.find((one) => one.includes('Attached files:')) ?? ''
  const file = /plan\.pdf \(application\/pdf, 100000 bytes\): (.*)$/m.exec(told)?.[1] ?? ''
  expect(file.startsWith(house.runnerData)).toBe(true)
  // Git sees nothing of it.
  expect(session.data('tool.finished').map((one) => one['output'])).toEqual([''])
  expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256)
  await session.command('session.end', { outcome: 'done' })
  await session.until('session.ended')
  expect(existsSync(file)).toBe(false)
})
