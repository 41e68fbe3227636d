import type { ItemRow, ToolFamily } from '@coppice/events'
import { expect, test } from 'vitest'
import { groupPlaces, groupWords, plainOutput, toolVerb } from './tool-words.ts'

const tool = (family: ToolFamily, target: string): ItemRow => ({
  itemId: `${family}-${target}`,
  sessionId: 's',
  workspaceId: 'w',
  seq: 1,
  queue: 0,
  turnId: 't',
  parentId: '',
  kind: 'tool',
  status: 'done',
  author: '',
  at: 0,
  text: '',
  detail: { family, target },
})

test('a group says what its rows did', () => {
  const reads = [tool('read', 'src/a.ts'), tool('read', 'src/b.ts'), tool('read', 'src/a.ts')]
  expect(groupWords(reads, 3)).toBe('Read 2 files')
  expect(groupWords([...reads, tool('search', 'x')], 4)).toBe('Read 2 files, searched 1×')
  expect(groupPlaces(reads)).toBe('src')
})

test('an unknown tool goes by its own title', () => {
  expect(toolVerb({ family: 'other', title: 'Resize image' })).toBe('Resize image')
  expect(toolVerb({ family: 'run', title: 'bash' })).toBe('Run')
})

test('output loses what only a terminal understands', () => {
  expect(plainOutput('\u001b[31mred\u001b[0m\nprogress 10%\rprogress 100%\r\ndone')).toBe('red\nprogress 100%\ndone')
})
