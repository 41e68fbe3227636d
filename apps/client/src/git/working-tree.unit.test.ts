import { expect, test } from 'vitest'
import { groupStatus } from './working-tree.ts'

const file = (index: string, worktree: string) => ({ path: `${index}${worktree}`, index, worktree })

test('files are grouped by what can be done with them', () => {
  const groups = groupStatus([
    file('M', ' '),
    file(' ', 'M'),
    file('M', 'M'),
    file('?', '?'),
    file('U', 'U'),
    file('A', 'A'),
    file('.', 'D'),
  ])
  expect(groups.staged.map((one) => one.path)).toEqual(['M ', 'MM'])
  expect(groups.changed.map((one) => one.path)).toEqual([' M', 'MM', '.D'])
  expect(groups.untracked.map((one) => one.path)).toEqual(['??'])
  expect(groups.conflicts.map((one) => one.path)).toEqual(['UU', 'AA'])
})
