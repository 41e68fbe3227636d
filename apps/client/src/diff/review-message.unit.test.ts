import type { CommentRow } from '@coppice/events'
import { expect, test } from 'vitest'
import { gathered, reviewMessage, threadsOf } from './review-message.ts'

const comment = (commentId: string, more: Partial<CommentRow>): CommentRow => ({
  commentId,
  sessionId: 's',
  author: 'mara',
  at: 1,
  text: commentId,
  ...more,
})
const on = (path: string, line: number, endLine = line, quote = ['code()']) => ({
  place: { path, side: 'after' as const, line, endLine, quote, above: [], below: [] },
})
const names = (id: string): string => id

test('[BE-7] gathered comments are one message: file and line, the code, what was said', () => {
  const threads = threadsOf([
    comment('Later.', on('b.ts', 9, 10, ['x', 'y'])),
    comment('First.', on('a.ts', 3)),
    comment('Sent.', { ...on('a.ts', 1), messageId: 'm' }),
    comment('Settled.', { ...on('a.ts', 2), resolvedBy: 'jo' }),
  ])
  expect(gathered(threads).map((one) => one.commentId)).toEqual(['First.', 'Later.'])
  expect(reviewMessage(threads, names)).toBe(
    'Comments on the changes:\n\n**a.ts:3**\n```\ncode()\n```\nFirst.\n\n**b.ts:9-10**\n```\nx\ny\n```\nLater.',
  )
})

test('an answer to what was sent brings what it answers along, and says who speaks', () => {
  const threads = threadsOf([
    comment('first', { ...on('a.ts', 1), messageId: 'm', text: 'Why?' }),
    comment('second', { replyTo: 'first', author: 'jo', text: 'Still open.' }),
  ])
  expect(reviewMessage(threads, names)).toContain('mara: Why?\n\njo: Still open.')
})

test('code that holds a fence cannot end its own', () => {
  const threads = threadsOf([comment('c', on('a.md', 1, 1, ['````', 'text']))])
  expect(reviewMessage(threads, names)).toContain('`````\n````\ntext\n`````')
})
