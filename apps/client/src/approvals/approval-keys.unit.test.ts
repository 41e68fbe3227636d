import { expect, test } from 'vitest'
import { keyDecision } from './approval-keys.ts'

const key = (name: string, more: Partial<KeyboardEvent> = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
})

test('keys answer an approval only on the card itself, half a second after it got the focus', () => {
  expect(keyDecision(key('y'), { onCard: true, heldMs: 600 })).toBe('allow_once')
  expect(keyDecision(key('S'), { onCard: true, heldMs: 600 })).toBe('allow_session')
  expect(keyDecision(key('n'), { onCard: true, heldMs: 600 })).toBe('reject')
  expect(keyDecision(key('y'), { onCard: true, heldMs: 499 })).toBeUndefined()
  expect(keyDecision(key('y'), { onCard: false, heldMs: 5_000 })).toBeUndefined()
  expect(keyDecision(key('y', { repeat: true }), { onCard: true, heldMs: 5_000 })).toBeUndefined()
  expect(keyDecision(key('s', { ctrlKey: true }), { onCard: true, heldMs: 5_000 })).toBeUndefined()
  expect(keyDecision(key('x'), { onCard: true, heldMs: 5_000 })).toBeUndefined()
})
