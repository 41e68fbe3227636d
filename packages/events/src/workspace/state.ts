import type { Role } from '../actor.ts'
import type { Budget } from '../budget.ts'
import type { Sandbox } from './sandbox.ts'
import type { EventMeta } from '../decider.ts'
import type { LastingRule } from '../session/rule-vocabulary.ts'
import { withToggle, type Toggle } from '../session/toggles.ts'
import { withTrust, type ScriptTrust } from './trusted-scripts.ts'
import type { RepositorySource, WorkspaceEvent } from './events.ts'
import { hooksAfter, isHookSettingChanged, type HookSettings } from './hooks.ts'
import { withTask, type WorkspaceTask } from './tasks.ts'

export interface WorkspaceState {
  readonly exists: boolean
  readonly workspaceId: string
  readonly name: string
  readonly source: RepositorySource
  readonly runnerId: string
  readonly starterBranch: string
  /** Runners that stand in for the workspace's own. */
  readonly standIns?: readonly string[]
  readonly retentionMinutes: number
  readonly toggles: readonly Toggle[]
  readonly rules: readonly LastingRule[]
  readonly repository: 'preparing' | 'ready' | 'failed'
  readonly members: Readonly<Record<string, { readonly name: string; readonly role: Role }>>
  readonly budget?: Budget
  readonly sandbox?: Sandbox
  readonly copiedFiles?: readonly string[]
  readonly scripts?: readonly ScriptTrust[]
  readonly tasks?: readonly WorkspaceTask[]
  /** Absent until something was set about hooks. */
  readonly hooks?: HookSettings
  /** Whether members may open terminals; absent: they may. */
  readonly terminals?: boolean
  readonly invitations: Readonly<Record<string, { readonly role: Role; readonly expiresAt: number }>>
}

export const initialWorkspace: WorkspaceState = {
  exists: false,
  workspaceId: '',
  name: '',
  source: { kind: 'sample' },
  runnerId: '',
  starterBranch: '',
  retentionMinutes: 0,
  toggles: [],
  rules: [],
  repository: 'preparing',
  members: {},
  invitations: {},
}

export function evolveWorkspace(state: WorkspaceState, event: WorkspaceEvent, meta: EventMeta): WorkspaceState {
  if (isHookSettingChanged(event)) return { ...state, hooks: hooksAfter(event, state.hooks, meta.at) }
  switch (event.type) {
    case 'workspace.created': {
      const { starterBranch, ...rest } = event.data
      return { ...initialWorkspace, ...rest, starterBranch: starterBranch ?? '', exists: true }
    }
    case 'workspace.renamed':
      return { ...state, name: event.data.name }
    case 'workspace.starterBranchSet':
      return { ...state, starterBranch: event.data.starterBranch }
    case 'workspace.retentionSet':
      return { ...state, retentionMinutes: event.data.minutes }
    case 'workspace.sandboxSet':
      return { ...state, sandbox: event.data }
    case 'workspace.copiedFilesSet':
      return { ...state, copiedFiles: event.data.patterns }
    case 'workspace.budgetSet': {
      const { budget: _before, ...rest } = state
      return { ...rest, ...(event.data.budget && { budget: event.data.budget }) }
    }
    case 'workspace.runnerAdded':
      return { ...state, standIns: [...(state.standIns ?? []), event.data.runnerId] }
    case 'workspace.runnerRemoved':
      return { ...state, standIns: (state.standIns ?? []).filter((id) => id !== event.data.runnerId) }
    case 'workspace.toggleSet':
      return { ...state, toggles: withToggle(state.toggles, event.data.toggle, event.data.on) }
    case 'workspace.scriptTrusted':
      return { ...state, scripts: withTrust(state.scripts ?? [], event.data) }
    case 'workspace.taskSet':
      return { ...state, tasks: withTask(state.tasks ?? [], event.data) }
    case 'workspace.taskRemoved':
      return { ...state, tasks: (state.tasks ?? []).filter((one) => one.taskId !== event.data.taskId) }
    case 'workspace.terminalsSet':
      return { ...state, terminals: event.data.allowed }
    case 'workspace.ruleAdded':
      return { ...state, rules: [...state.rules, event.data] }
    case 'workspace.ruleRemoved':
      return { ...state, rules: state.rules.filter((one) => one.ruleId !== event.data.ruleId) }
    case 'workspace.memberAdded':
      return {
        ...state,
        members: { ...state.members, [event.data.userId]: { name: event.data.name, role: event.data.role } },
      }
    case 'workspace.memberRoleChanged': {
      const member = state.members[event.data.userId]
      if (!member) return state
      return { ...state, members: { ...state.members, [event.data.userId]: { ...member, role: event.data.role } } }
    }
    case 'workspace.memberRemoved': {
      const { [event.data.userId]: _gone, ...members } = state.members
      return { ...state, members }
    }
    case 'workspace.invited': {
      const { invitationId, role, expiresAt } = event.data
      return { ...state, invitations: { ...state.invitations, [invitationId]: { role, expiresAt } } }
    }
    case 'workspace.invitationRevoked':
    case 'workspace.invitationAccepted': {
      const { [event.data.invitationId]: _gone, ...invitations } = state.invitations
      return { ...state, invitations }
    }
    case 'workspace.repositoryReady':
      return { ...state, repository: 'ready', starterBranch: state.starterBranch || event.data.starterBranch }
    case 'workspace.repositoryFailed':
      return { ...state, repository: 'failed' }
  }
}

/** All runners that may work for a workspace: its own first. */
export const runnersOf = ({ runnerId, standIns }: WorkspaceState): readonly string[] => [runnerId, ...(standIns ?? [])]
