import { expect, test } from 'vitest'
import { parseSteps } from './steps.ts'

test('[BE-12] a message is read as steps: text, blocks that act, and blocks that are only shown', () => {
  const message =
    'Hi\n\n```sh continue\na\nb\n```\n````file path="my file.md"\n```js\nx\n```\n````\n```js\ny\n```\n~~~read path=a/b\n~~~\nbye'
  expect(parseSteps(message)).toEqual([
    { kind: 'say', text: 'Hi' },
    { kind: 'run', command: 'a\nb', goOn: true },
    { kind: 'write', path: 'my file.md', text: '```js\nx\n```\n' },
    { kind: 'say', text: '```js\ny\n```' },
    { kind: 'read', path: 'a/b' },
    { kind: 'say', text: 'bye' },
  ])
})

test('an edit may change several places; what is not well formed says what is missing', () => {
  const edit =
    '```edit path=a\n<<<<<<< find\n1\n=======\n2\n>>>>>>> replace\n<<<<<<< find\n3\n=======\n>>>>>>> replace\n```'
  expect(parseSteps(edit)).toEqual([
    {
      kind: 'edit',
      path: 'a',
      changes: [
        { find: '1', replace: '2' },
        { find: '3', replace: '' },
      ],
    },
  ])
  expect(parseSteps('```file\nx\n```')).toMatchObject([{ kind: 'wrong' }])
  expect(parseSteps('```edit path=a\nx\n```')).toMatchObject([{ kind: 'wrong' }])
  expect(parseSteps('```sh\nrm -rf x')).toEqual([
    { kind: 'wrong', text: 'The block "```sh" is not closed, so it was not run.' },
  ])
  expect(parseSteps('- a\r\n```plan\r\n- [x] one\r\n- two\r\n```')).toEqual([
    { kind: 'say', text: '- a' },
    {
      kind: 'plan',
      entries: [
        { text: 'one', status: 'completed' },
        { text: 'two', status: 'pending' },
      ],
    },
  ])
})
