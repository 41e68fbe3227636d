import {
  newId,
  ROLES,
  senderOf,
  userLog,
  WORKSPACE_STREAM,
  workspaceLog,
  type Command,
  type Role,
} from '@coppice/events'
import { describe, expect, test } from 'vitest'
import { renameSession } from '../testing/commands.ts'
import type { Principal } from '../principal.ts'
import { authorise } from './authorise.ts'

const mara: Principal = { kind: 'user', id: 'mara', name: 'Mara' }
const runner: Principal = { kind: 'runner', id: 'r1', name: 'Here' }
const command = (type: string, more: Partial<Command> = {}): Command => ({
  ...renameSession('w', 's', 'x'),
  type,
  ...more,
})
const member = (role: Role | undefined) => ({ instanceRole: role && 'member', role, runnerId: 'r1' }) as const

describe('who may send what to a workspace', () => {
  const needs = {
    'session.rename': 'member',
    'workspace.rename': 'admin',
    'message.send': 'member',
    'git.request': 'member',
  } as const
  for (const [type, needed] of Object.entries(needs)) {
    test(`${type} needs ${needed}`, () => {
      expect(senderOf(type)).toBe(needed)
      for (const role of [undefined, ...ROLES]) {
        const may = role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed)
        expect(authorise(command(type), mara, member(role)) === undefined, `${role}`).toBe(may)
      }
    })
  }

  test('turn.start is for the runner of the workspace, and for nobody else', () => {
    expect(authorise(command('turn.start'), runner, member(undefined))).toBeUndefined()
    expect(authorise(command('turn.start'), { ...runner, id: 'r2' }, member(undefined))).toMatchObject({
      code: 'forbidden',
    })
    expect(authorise(command('turn.start'), mara, member('owner'))).toMatchObject({ code: 'forbidden' })
    expect(authorise(command('session.rename'), runner, member(undefined))).toMatchObject({ code: 'forbidden' })
  })

  test('what only the server sends nobody else may', () => {
    for (const type of ['workspace.invite', 'workspace.acceptInvitation', 'user.join', 'runner.register']) {
      expect(authorise(command(type), mara, member('owner'))).toMatchObject({ code: 'forbidden' })
      expect(authorise(command(type), runner, member(undefined))).toMatchObject({ code: 'forbidden' })
      expect(authorise(command(type), { kind: 'server', onBehalfOf: mara }, member(undefined))).toBeUndefined()
    }
  })
})

test('a workspace is made by a member of the server; a viewer of the server only looks', () => {
  const create = command('workspace.create', { log: workspaceLog(newId()), stream: WORKSPACE_STREAM })
  const instance = (instanceRole: Role | undefined) => ({ instanceRole, role: undefined, runnerId: undefined })
  expect(authorise(create, mara, instance('member'))).toBeUndefined()
  expect(authorise(create, mara, instance('viewer'))).toMatchObject({ code: 'forbidden' })
  expect(authorise(create, mara, instance(undefined))).toMatchObject({ code: 'forbidden' })
})

test('pins are one’s own', () => {
  const pin = (userId: string) => command('session.pin', { log: userLog(userId) })
  expect(authorise(pin('mara'), mara, member('viewer'))).toBeUndefined()
  expect(authorise(pin('ben'), mara, member('owner'))).toMatchObject({ code: 'forbidden' })
  // Sent to a workspace it is not what it seems.
  expect(authorise(command('session.pin'), mara, member('owner'))).toMatchObject({ code: 'forbidden' })
})

test('a command this server does not know is refused as such', () => {
  expect(authorise(command('session.explode'), mara, member('owner'))).toMatchObject({ code: 'unsupported' })
})
