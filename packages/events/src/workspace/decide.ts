import { unreachable, type DecideContext, type Decider } from '../decider.ts'
import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { oneMoreRule } from '../session/control-decide.ts'
import type { WorkspaceCommand } from './commands.ts'
import type { WorkspaceEvent } from './events.ts'
import { decideHooks, isHookSetting } from './hooks.ts'
import { taskRefusal } from './tasks.ts'
import { evolveWorkspace, initialWorkspace, runnersOf, type WorkspaceState } from './state.ts'

type Decision = readonly WorkspaceEvent[] | Refusal

export function decideWorkspace(command: WorkspaceCommand, state: WorkspaceState, context: DecideContext): Decision {
  if (command.type === 'workspace.create') {
    if (state.exists) return refuse('already_exists', 'A workspace with this id exists already.')
    const { creatorName, ...data } = command.data
    return [
      { type: 'workspace.created', data },
      { type: 'workspace.memberAdded', data: { userId: context.actor.id, name: creatorName, role: 'owner' } },
    ]
  }
  if (!state.exists) return refuse('not_found', 'There is no such workspace.')
  if (isHookSetting(command)) return decideHooks(command, state.hooks, context.now)
  switch (command.type) {
    case 'workspace.rename':
      return [{ type: 'workspace.renamed', data: command.data }]
    case 'workspace.setStarterBranch':
      return [{ type: 'workspace.starterBranchSet', data: command.data }]
    case 'workspace.setRetention':
      return [{ type: 'workspace.retentionSet', data: command.data }]
    case 'workspace.setSandbox':
      return [{ type: 'workspace.sandboxSet', data: command.data }]
    case 'workspace.setCopiedFiles':
      return [{ type: 'workspace.copiedFilesSet', data: command.data }]
    case 'workspace.setBudget':
      return [{ type: 'workspace.budgetSet', data: command.data }]
    case 'workspace.addRunner': {
      const { runnerId } = command.data
      if (runnersOf(state).includes(runnerId)) return []
      if (runnersOf(state).length >= LIMITS.workspaceRunners)
        return refuse('queue_full', `A workspace has at most ${LIMITS.workspaceRunners} runners. Remove one first.`)
      return [{ type: 'workspace.runnerAdded', data: { runnerId } }]
    }
    case 'workspace.removeRunner': {
      const { runnerId } = command.data
      if (runnerId === state.runnerId)
        return refuse('wrong_state', 'This is the runner that the workspace was made with; it stays.')
      return runnersOf(state).includes(runnerId) ? [{ type: 'workspace.runnerRemoved', data: { runnerId } }] : []
    }
    case 'workspace.setToggle':
      return state.toggles.includes(command.data.toggle) === command.data.on
        ? []
        : [{ type: 'workspace.toggleSet', data: command.data }]
    case 'workspace.trustScript': {
      const { sha256, trusted } = command.data
      const same = state.scripts?.some((one) => one.sha256 === sha256 && one.trusted === trusted)
      return same ? [] : [{ type: 'workspace.scriptTrusted', data: command.data }]
    }
    case 'workspace.setTask':
      return taskRefusal(command.data, state.tasks ?? []) ?? [{ type: 'workspace.taskSet', data: command.data }]
    case 'workspace.removeTask':
      return (state.tasks ?? []).some((one) => one.taskId === command.data.taskId)
        ? [{ type: 'workspace.taskRemoved', data: command.data }]
        : []
    case 'workspace.setTerminals':
      return command.data.allowed === (state.terminals ?? true)
        ? []
        : [{ type: 'workspace.terminalsSet', data: command.data }]
    case 'workspace.addRule':
      return oneMoreRule(command.data, state.rules) ?? [{ type: 'workspace.ruleAdded', data: command.data }]
    case 'workspace.removeRule':
      return state.rules.some((one) => one.ruleId === command.data.ruleId)
        ? [{ type: 'workspace.ruleRemoved', data: command.data }]
        : []
    case 'workspace.changeMemberRole':
      return (
        keepsAnOwner(state, command.data.userId, command.data.role === 'owner') ?? [
          { type: 'workspace.memberRoleChanged', data: command.data },
        ]
      )
    case 'workspace.removeMember':
      return (
        keepsAnOwner(state, command.data.userId, false) ?? [{ type: 'workspace.memberRemoved', data: command.data }]
      )
    case 'workspace.invite':
      return [{ type: 'workspace.invited', data: command.data }]
    case 'workspace.revokeInvitation':
      if (!state.invitations[command.data.invitationId])
        return refuse('not_found', 'The invitation was used or revoked already.')
      return [{ type: 'workspace.invitationRevoked', data: command.data }]
    case 'workspace.acceptInvitation':
      return accept(command.data, state, context)
    default:
      return unreachable(command)
  }
}

function keepsAnOwner(state: WorkspaceState, userId: string, staysOwner: boolean): Refusal | undefined {
  const member = state.members[userId]
  if (!member) return refuse('not_found', 'This person is not a member of the workspace.')
  const others = Object.entries(state.members).filter(([id, one]) => id !== userId && one.role === 'owner')
  if (member.role === 'owner' && !staysOwner && others.length === 0) {
    return refuse('wrong_state', 'A workspace needs an owner. Make somebody else an owner first.')
  }
  return undefined
}

function accept(
  data: { invitationId: string; userId: string; name: string },
  state: WorkspaceState,
  context: DecideContext,
): Decision {
  const invitation = state.invitations[data.invitationId]
  if (!invitation) return refuse('not_found', 'The invitation was used or revoked. Ask for a new one.')
  if (invitation.expiresAt < context.now) return refuse('wrong_state', 'The invitation has expired. Ask for a new one.')
  const accepted: WorkspaceEvent = {
    type: 'workspace.invitationAccepted',
    data: { invitationId: data.invitationId, userId: data.userId },
  }
  if (state.members[data.userId]) return [accepted]
  return [
    accepted,
    { type: 'workspace.memberAdded', data: { userId: data.userId, name: data.name, role: invitation.role } },
  ]
}

/** A repository with its members and settings. */
export const workspaceDecider: Decider<WorkspaceState, WorkspaceCommand, WorkspaceEvent> = {
  initial: initialWorkspace,
  decide: decideWorkspace,
  evolve: evolveWorkspace,
}
