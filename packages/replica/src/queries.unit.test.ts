import type { FromClient } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { Queries } from './queries.ts'

const request = { kind: 'repository.branches' } as const

function queries(): { asked: FromClient[]; queries: Queries } {
  const asked: FromClient[] = []
  return {
    asked,
    queries: new Queries((message) => {
      asked.push(message)
      return true
    }),
  }
}

test('a question asked before the first connection waits for it', async () => {
  const { asked, queries: own } = queries()
  const answer = own.ask('workspace:w', request, undefined)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(asked).toEqual([])
  own.connected()
  await expect.poll(() => asked.length).toBe(1)
  const [sent] = asked
  own.answer(sent?.t === 'query' ? sent.id : '', { ok: true })
  expect(await answer).toEqual({ ok: true })
})

test('when the server cannot be reached every question is answered so: those that wait, those under way and those to come', async () => {
  const { asked, queries: own } = queries()
  const early = own.ask('workspace:w', request, undefined)
  own.down()
  expect(await early).toMatchObject({ ok: false, code: 'offline' })
  expect(await own.ask('workspace:w', request, undefined)).toMatchObject({ ok: false, code: 'offline' })
  expect(asked).toEqual([])
  own.connected()
  const under = own.ask('workspace:w', request, undefined)
  await expect.poll(() => asked.length).toBe(1)
  own.down()
  expect(await under).toMatchObject({ ok: false, code: 'offline' })
})
