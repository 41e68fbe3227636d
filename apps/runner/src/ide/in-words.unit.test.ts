import { expect, test } from 'vitest'
import { ideWords } from './in-words.ts'

test('[I-22] what an editor did is summed up with the right plurals', () => {
  expect(ideWords('downloaded session changes', { files: 3, deletions: 1 })).toBe(
    'IDE: downloaded session changes (3 files, 1 deletion).',
  )
  expect(ideWords('uploaded changes', { files: 1, deletions: 0 })).toBe('IDE: uploaded changes (1 file).')
  expect(ideWords('uploaded changes', { files: 0, deletions: 2 })).toBe('IDE: uploaded changes (0 files, 2 deletions).')
})
