import { INSTANCE_LOG, workspaceLog, type Role } from '@coppice/events'
import type { QueryRequest } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { mayAsk } from './may-ask.ts'

const log = workspaceLog('w1')
const ann = { kind: 'user', id: 'ann', name: 'Ann' } as const
const asks = (request: QueryRequest, role: Role | undefined, instance: Role = 'member', where = log): boolean =>
  mayAsk(request, ann, where, { roleIn: () => role, instanceRole: () => instance })

test('[AC-4] members see which secrets there are, admins set them, and only who runs the installation sets those of a runner', () => {
  const list = { kind: 'secrets.list', scope: 'workspace' } as const
  const set = { kind: 'secrets.set', scope: 'workspace', name: 'A', sealed: 's' } as const
  const remove = { kind: 'secrets.remove', scope: 'workspace', name: 'A' } as const
  expect([asks(list, 'viewer'), asks(list, 'member')]).toEqual([false, true])
  for (const change of [set, remove]) {
    expect([asks(change, 'viewer'), asks(change, 'member'), asks(change, 'admin')]).toEqual([false, false, true])
    const ofRunner = { ...change, scope: 'runner' } as const
    expect(asks(ofRunner, 'owner', 'member')).toBe(false)
    expect(asks(ofRunner, 'member', 'owner')).toBe(false)
    expect(asks(ofRunner, 'admin', 'admin')).toBe(true)
    expect(asks(change, 'owner', 'owner', INSTANCE_LOG)).toBe(false)
  }
  expect(asks(list, undefined)).toBe(false)
})
