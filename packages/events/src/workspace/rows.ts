import type { Projector, RowChange, RowRef } from '../rows/tables.ts'
import { withoutRule, withRule } from '../session/rule-rows.ts'
import { withToggle } from '../session/toggles.ts'
import { withTrust } from './trusted-scripts.ts'
import type { WorkspaceEvent } from './events.ts'
import { hooksAfter, isHookSettingChanged } from './hooks.ts'
import { withTask } from './tasks.ts'

const memberKey = (workspaceId: string, userId: string): string => `${workspaceId}/${userId}`

/** The workspace's row, its members and its invitations. */
export const workspaceProjector: Projector<WorkspaceEvent> = {
  refs(event, workspaceId) {
    const refs: RowRef[] = [{ table: 'workspaces', key: workspaceId }]
    if ('userId' in event.data) refs.push({ table: 'members', key: memberKey(workspaceId, event.data.userId) })
    if ('invitationId' in event.data) refs.push({ table: 'invitations', key: event.data.invitationId })
    return refs
  },
  project(event, source, read) {
    const workspaceId = source.streamId
    const workspace = read('workspaces', workspaceId)
    const change = (more: Partial<NonNullable<typeof workspace>>): RowChange[] =>
      workspace ? [{ table: 'workspaces', key: workspaceId, row: { ...workspace, ...more } }] : []
    if (isHookSettingChanged(event)) return change({ hooks: hooksAfter(event, workspace?.hooks, source.at) })
    switch (event.type) {
      case 'workspace.created': {
        const { name, source: repository, runnerId, starterBranch } = event.data
        const row = {
          workspaceId,
          name,
          source: repository,
          runnerId,
          starterBranch: starterBranch ?? '',
          branches: [],
          status: 'preparing' as const,
          failure: '',
          createdAt: source.at,
        }
        return [{ table: 'workspaces', key: workspaceId, row }]
      }
      case 'workspace.renamed':
        return change({ name: event.data.name })
      case 'workspace.starterBranchSet':
        return change({ starterBranch: event.data.starterBranch })
      case 'workspace.sandboxSet':
        return change({ sandbox: event.data })
      case 'workspace.copiedFilesSet':
        return change({ copiedFiles: event.data.patterns })
      case 'workspace.budgetSet': {
        if (!workspace) return []
        const { budget: _before, ...rest } = workspace
        const { budget } = event.data
        return [{ table: 'workspaces', key: workspaceId, row: { ...rest, ...(budget && { budget }) } }]
      }
      case 'workspace.toggleSet':
        return change({ toggles: [...withToggle(workspace?.toggles ?? [], event.data.toggle, event.data.on)] })
      case 'workspace.scriptTrusted':
        return change({ scripts: withTrust(workspace?.scripts ?? [], { ...event.data, by: source.actor.id }) })
      case 'workspace.taskSet':
        return change({ tasks: withTask(workspace?.tasks ?? [], event.data) })
      case 'workspace.taskRemoved':
        return change({ tasks: (workspace?.tasks ?? []).filter((one) => one.taskId !== event.data.taskId) })
      case 'workspace.terminalsSet':
        return change({ terminals: event.data.allowed })
      case 'workspace.ruleAdded':
        return workspace ? change(withRule(workspace, event.data, source)) : []
      case 'workspace.ruleRemoved':
        return workspace ? change(withoutRule(workspace, event.data.ruleId)) : []
      case 'workspace.retentionSet':
        return []
      case 'workspace.runnerAdded':
        return change({ standIns: [...(workspace?.standIns ?? []), event.data.runnerId] })
      case 'workspace.runnerRemoved':
        return change({ standIns: (workspace?.standIns ?? []).filter((id) => id !== event.data.runnerId) })
      case 'workspace.repositoryReady':
        return change({
          status: 'ready',
          failure: '',
          branches: event.data.branches,
          starterBranch: workspace?.starterBranch || event.data.starterBranch,
        })
      case 'workspace.repositoryFailed':
        return change({ status: 'failed', failure: event.data.message })
      case 'workspace.memberAdded':
        return [
          { table: 'members', key: memberKey(workspaceId, event.data.userId), row: { workspaceId, ...event.data } },
        ]
      case 'workspace.memberRoleChanged': {
        const key = memberKey(workspaceId, event.data.userId)
        const member = read('members', key)
        return member ? [{ table: 'members', key, row: { ...member, role: event.data.role } }] : []
      }
      case 'workspace.memberRemoved':
        return [{ table: 'members', key: memberKey(workspaceId, event.data.userId), row: null }]
      case 'workspace.invited': {
        const row = { workspaceId, ...event.data, createdBy: source.actor.id, state: 'open' as const }
        return [{ table: 'invitations', key: event.data.invitationId, row }]
      }
      case 'workspace.invitationRevoked':
      case 'workspace.invitationAccepted': {
        const invitation = read('invitations', event.data.invitationId)
        const state = event.type === 'workspace.invitationRevoked' ? ('revoked' as const) : ('accepted' as const)
        return invitation ? [{ table: 'invitations', key: event.data.invitationId, row: { ...invitation, state } }] : []
      }
    }
  },
}
