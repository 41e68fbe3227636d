import { expect, test } from 'vitest'
import { checksMessage, commentsMessage, proposedBody } from './pull-request-words.ts'

const commit = (subject: string, body = '') => ({
  id: subject,
  subject,
  body,
  author: 'mara',
  at: 1,
  files: 1,
  additions: 1,
  deletions: 0,
})

test('[G-14] the text of a pull request is the last summary, else what was committed, oldest first', () => {
  expect(proposedBody(' Rings are counted. ', [commit('one')])).toBe('Rings are counted.')
  expect(proposedBody(undefined, [commit('two'), commit('one')])).toBe('- one\n- two')
  expect(proposedBody('', [commit('one', 'Because.')])).toBe('Because.')
})

test('[G-14] checks that fail, and what people said, are messages for the agent', () => {
  const check = (name: string, state: 'failed' | 'passed', says = '') => ({ name, state, says, url: 'https://x/1' })
  expect(checksMessage(7, [check('test', 'failed', '2 failed'), check('lint', 'passed')])).toBe(
    'Checks of pull request 7 fail:\n\n- test: 2 failed (https://x/1)\n\nFind out why, and mend it.',
  )
  const said = { author: 'jo', text: 'Why?\nTwice.', path: 'a.ts', line: 3, at: 1, url: '' }
  expect(commentsMessage(7, [said])).toBe('Comments on pull request 7:\n\njo on `a.ts:3`:\n> Why?\n> Twice.')
})
