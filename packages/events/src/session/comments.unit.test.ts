import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { given } from '../testing/given.ts'
import { created, ready } from '../testing/session-begun.ts'
import type { CommentPlace } from './comment-vocabulary.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'

const place: CommentPlace = {
  path: 'src/a.ts',
  side: 'after',
  line: 3,
  endLine: 3,
  quote: ['const three = 3'],
  above: [],
  below: [],
}
const added = (commentId: string, replyTo?: string): SessionEvent => ({
  type: 'comment.added',
  data: { commentId, text: 'Why?', ...(replyTo === undefined ? { place } : { replyTo }) },
})
const begun: SessionEvent[] = [created, ready]
const message = { messageId: 'm', text: 'Look at these.' }
const jo = { actor: { kind: 'user' as const, id: 'jo' }, now: 1 }

test('[BE-7] gathered comments become one message, and none is sent twice', () => {
  const gathered = given(sessionDecider, [...begun, added('c1'), added('c2', 'c1')])
  const sent: SessionEvent[] = [
    { type: 'comments.sent', data: { commentIds: ['c1', 'c2'], messageId: 'm' } },
    { type: 'message.queued', data: message },
    { type: 'session.renamed', data: { name: 'Look at these.', namedBy: 'auto' } },
  ]
  const send = { type: 'comments.send' as const, data: { commentIds: ['c1', 'c2'], message } }
  gathered.when(send).then(sent)
  const after = given(sessionDecider, [...begun, added('c1'), added('c2', 'c1'), ...sent])
  const again = { ...send, data: { ...send.data, message: { ...message, messageId: 'm2' } } }
  expect(after.when(again).refused('conflict')).toContain('Nothing was sent twice')
  after.when({ type: 'comment.edit', data: { commentId: 'c1', text: 'Other' } }).refused('wrong_state')
})

test('only its author changes a comment; anybody resolves a thread and opens it again', () => {
  const events = [...begun, added('c1')]
  const others = given(sessionDecider, events)
  const ofJo = sessionDecider.decide({ type: 'comment.edit', data: { commentId: 'c1', text: 'x' } }, others.state, jo)
  expect(ofJo).toMatchObject({ code: 'forbidden' })
  const resolve = { type: 'comment.resolve' as const, data: { commentId: 'c1', resolved: true } }
  const resolved: SessionEvent = { type: 'comment.resolved', data: { commentId: 'c1', resolved: true } }
  expect(sessionDecider.decide(resolve, others.state, jo)).toEqual([resolved])
  const after = given(sessionDecider, [...events, resolved])
  after.when(resolve).then([])
  after
    .when({ type: 'comment.resolve', data: { commentId: 'c1', resolved: false } })
    .then([{ type: 'comment.resolved', data: { commentId: 'c1', resolved: false } }])
})

test('a comment goes with the answers to it, but not when somebody else answered', () => {
  const remove = { type: 'comment.remove' as const, data: { commentId: 'c1' } }
  const own = given(sessionDecider, [...begun, added('c1'), added('c2', 'c1')])
  own.when(remove).then([
    { type: 'comment.removed', data: { commentId: 'c1' } },
    { type: 'comment.removed', data: { commentId: 'c2' } },
  ])
  const meta = { id: 'e', actor: jo.actor, at: 1, position: 9 } as unknown as Parameters<
    typeof sessionDecider.evolve
  >[2]
  const answered = sessionDecider.evolve(own.state, added('c3', 'c1'), meta)
  const decision = sessionDecider.decide(remove, answered, { actor: { kind: 'user', id: 'mara' }, now: 1 })
  expect(decision).toMatchObject({ code: 'wrong_state' })
})

test('a comment has a place or answers one that has; an answer to an answer is refused', () => {
  const open = given(sessionDecider, [...begun, added('c1'), added('c2', 'c1')])
  const add = (data: object) => open.when({ type: 'comment.add', data: { commentId: 'c9', text: 'x', ...data } })
  add({}).refused('invalid')
  add({ place, replyTo: 'c1' }).refused('invalid')
  add({ replyTo: 'c2' }).refused('invalid')
  add({ replyTo: 'nothing' }).refused('not_found')
  add({ place: { ...place, endLine: 2 } }).refused('invalid')
  add({ replyTo: 'c1' }).then([{ type: 'comment.added', data: { commentId: 'c9', text: 'x', replyTo: 'c1' } }])
})

test('past the limit the oldest resolved thread makes room; without one the next is refused', () => {
  const full = [...begun, ...Array.from({ length: LIMITS.comments }, (_, n) => added(`c${n}`))]
  const add = { type: 'comment.add' as const, data: { commentId: 'new', text: 'x', place } }
  expect(given(sessionDecider, full).when(add).refused('queue_full')).toContain(`${LIMITS.comments}`)
  const settled: SessionEvent = { type: 'comment.resolved', data: { commentId: 'c7', resolved: true } }
  given(sessionDecider, [...full, settled])
    .when(add)
    .then([
      { type: 'comment.removed', data: { commentId: 'c7' } },
      { type: 'comment.added', data: add.data },
    ])
})
