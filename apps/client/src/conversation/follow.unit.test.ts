import { expect, test } from 'vitest'
import { nextIntent } from './follow.ts'

test('following ends with the gesture, before the scroll it causes', () => {
  expect(nextIntent('following', { kind: 'gestureUp' })).toBe('reading')
})

test('nearness alone does not rejoin; coming down into the end does', () => {
  expect(nextIntent('reading', { kind: 'moved', by: -10, toEnd: 20, byUser: true })).toBe('reading')
  expect(nextIntent('reading', { kind: 'moved', by: 30, toEnd: 200, byUser: true })).toBe('reading')
  expect(nextIntent('reading', { kind: 'moved', by: 30, toEnd: 20, byUser: true })).toBe('following')
})

test('what the list scrolls by itself is no wish of the reader', () => {
  expect(nextIntent('reading', { kind: 'moved', by: 300, toEnd: 0, byUser: false })).toBe('reading')
  expect(nextIntent('following', { kind: 'moved', by: -300, toEnd: 400, byUser: false })).toBe('following')
})

test('the end key, the pill and sending rejoin; opening a row holds still', () => {
  expect(nextIntent('reading', { kind: 'jumpedToEnd' })).toBe('following')
  expect(nextIntent('following', { kind: 'toggled' })).toBe('reading')
})

test('the settling of a scroll, under 4 px, is noise', () => {
  expect(nextIntent('following', { kind: 'moved', by: -3, toEnd: 3, byUser: true })).toBe('following')
})
