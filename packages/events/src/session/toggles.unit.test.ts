import { expect, test } from 'vitest'
import { workspaceDecider } from '../workspace/decide.ts'
import { given } from '../testing/given.ts'
import { created } from '../testing/session-begun.ts'
import { sessionDecider } from './decider.ts'
import { toggleIds, withToggle } from './toggles.ts'

test('[T-9] each of the seven toggles stands on a session, in one order whatever the order of the clicks; a change is an event', () => {
  expect(toggleIds).toHaveLength(7)
  const { state } = given(sessionDecider, [
    created,
    { type: 'session.toggleSet', data: { toggle: 'docs', on: true } },
    { type: 'session.toggleSet', data: { toggle: 'ux', on: true } },
    { type: 'session.toggleSet', data: { toggle: 'tests', on: true } },
    { type: 'session.toggleSet', data: { toggle: 'tests', on: false } },
  ])
  expect(state.toggles).toEqual(['ux', 'docs'])
  const changed = { type: 'session.setToggle' as const, data: { toggle: 'verification' as const, on: true } }
  given(sessionDecider, [created])
    .when(changed)
    .then([{ type: 'session.toggleSet', data: changed.data }])
  given(sessionDecider, [created, { type: 'session.toggleSet', data: changed.data }])
    .when(changed)
    .then([])
  given(sessionDecider, [created, { type: 'session.ended', data: { outcome: 'done' } }])
    .when(changed)
    .refused('wrong_state')
})

test('[S-18] a session begins with the toggles of the form', () => {
  const data = {
    sessionId: 's',
    workspaceId: 'w',
    mode: 'develop' as const,
    provider: 'script',
    model: '',
    baseBranch: 'main',
    stepMode: 'auto' as const,
    toggles: ['docs' as const, 'architecture' as const],
  }
  const decided = given(sessionDecider, []).when({ type: 'session.create', data }).decision
  expect(decided).toMatchObject([{ type: 'session.created', data: { toggles: ['architecture', 'docs'] } }])
})

test('[T-9] a workspace has defaults of its own; they are events, too', () => {
  const made = {
    type: 'workspace.created' as const,
    data: { workspaceId: 'w', name: 'w', source: { kind: 'sample' as const }, runnerId: 'r' },
  }
  const data = { toggle: 'code_review' as const, on: true }
  const set = { type: 'workspace.toggleSet' as const, data }
  given(workspaceDecider, [made]).when({ type: 'workspace.setToggle', data }).then([set])
  given(workspaceDecider, [made, set]).when({ type: 'workspace.setToggle', data }).then([])
  expect(given(workspaceDecider, [made, set]).state.toggles).toEqual(['code_review'])
})

test('a list with a toggle that stands as wanted is the same list', () => {
  const list = ['ux' as const]
  expect(withToggle(list, 'ux', true)).toBe(list)
  expect(withToggle(list, 'docs', false)).toBe(list)
})
