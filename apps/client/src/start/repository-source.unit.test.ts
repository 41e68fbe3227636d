import { expect, test } from 'vitest'
import { sourceOf } from './repository-source.ts'

test('a path and a Git URL are told apart', () => {
  expect(sourceOf(' https://git.example/team/notes.git ')).toEqual({
    kind: 'url',
    url: 'https://git.example/team/notes.git',
  })
  expect(sourceOf('git@git.example:team/notes')).toEqual({ kind: 'url', url: 'git@git.example:team/notes' })
  expect(sourceOf('ssh://git@host/x')).toEqual({ kind: 'url', url: 'ssh://git@host/x' })
  expect(sourceOf('~/code/harbor-api')).toEqual({ kind: 'path', path: '~/code/harbor-api' })
  expect(sourceOf('C:\\code\\x')).toEqual({ kind: 'path', path: 'C:\\code\\x' })
  expect(sourceOf('  ')).toBeUndefined()
})
