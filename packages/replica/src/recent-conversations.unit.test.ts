import { expect, test } from 'vitest'
import { OpenConversation, type OpenConversationOptions } from './conversation.ts'
import { RecentConversations } from './recent-conversations.ts'

const of = (sessionId: string): OpenConversation => new OpenConversation(sessionId, {} as OpenConversationOptions)

test('the newest four are kept, one of each session; what is taken out is kept no more', () => {
  const recent = new RecentConversations()
  const [a, b, c, d, e, again] = [of('a'), of('b'), of('c'), of('d'), of('e'), of('b')]
  for (const one of [a, b, c, d]) expect(recent.keep(one)).toEqual([])
  expect(recent.keep(again)).toEqual([b])
  expect(recent.keep(e)).toEqual([a])
  expect(recent.take('b')).toBe(again)
  expect(recent.take('b')).toBeUndefined()
  expect(recent.takeAll()).toEqual([c, d, e])
  expect(recent.takeAll()).toEqual([])
})
