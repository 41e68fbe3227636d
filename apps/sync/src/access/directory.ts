import {
  asWorkspace,
  atLeast,
  evolve,
  idIn,
  INSTANCE_LOG,
  INSTANCE_STREAM,
  runnersOf,
  initialState,
  userLog,
  WORKSPACE_STREAM,
  workspaceLog,
  type InstanceState,
  type LogId,
  type RecordedEvent,
  type Role,
  type StreamState,
  type WorkspaceState,
} from '@coppice/events'
import type { Principal } from '../principal.ts'

const asInstance = (state: StreamState): InstanceState => state as unknown as InstanceState

/** Who belongs where, as of the last commits: the instance and workspace streams, folded, all in memory. */
export class Directory {
  #instance: StreamState | undefined = initialState(INSTANCE_LOG, INSTANCE_STREAM)
  readonly #workspaces = new Map<LogId, StreamState>()
  /** How many events of each log's membership stream are folded in. */
  readonly #versions = new Map<LogId, number>()

  /** Begins with a stream's state as it was stored. */
  load(log: LogId, { state, version }: { state: StreamState; version: number }): void {
    this.#versions.set(log, version)
    if (log === INSTANCE_LOG) this.#instance = state
    else this.#workspaces.set(log, state)
  }

  /** Folds a committed event. True if it may have changed who belongs where. */
  apply(event: RecordedEvent): boolean {
    if (event.stream !== INSTANCE_STREAM && event.stream !== WORKSPACE_STREAM) return false
    // What was loaded may be ahead of what the log's followers are told.
    if (event.streamVersion <= (this.#versions.get(event.log) ?? 0)) return false
    this.#versions.set(event.log, event.streamVersion)
    if (event.stream === INSTANCE_STREAM && this.#instance) {
      this.#instance = evolve(this.#instance, event)
      return true
    }
    const before = this.#workspaces.get(event.log) ?? initialState(event.log, event.stream)
    if (before === undefined) return false
    this.#workspaces.set(event.log, evolve(before, event))
    return true
  }

  instanceRole(userId: string): Role | undefined {
    return this.#instance && asInstance(this.#instance).users[userId]?.role
  }

  /** The name a person goes by. */
  nameOf(userId: string): string | undefined {
    return this.#instance && asInstance(this.#instance).users[userId]?.name
  }

  get userIds(): readonly string[] {
    return this.#instance ? Object.keys(asInstance(this.#instance).users) : []
  }

  workspace(workspaceId: string): WorkspaceState | undefined {
    const state = this.#workspaces.get(workspaceLog(workspaceId))
    return state && asWorkspace(state)
  }

  /** Whether there is a workspace of that log. */
  isWorkspace(log: LogId): boolean {
    return this.workspace(idIn(log))?.exists === true
  }

  /** The role that goes with a log for this principal: of the workspace, or of the installation. */
  roleIn(principal: Principal, log: LogId): Role | undefined {
    if (principal.kind !== 'user') return undefined
    if (log === INSTANCE_LOG) return this.instanceRole(principal.id)
    return this.workspace(idIn(log))?.members[principal.id]?.role
  }

  /** Whether a principal may begin this workspace's log. */
  mayBegin(principal: Principal, log: LogId): boolean {
    if (this.mayRead(principal, log)) return true
    const role = principal.kind === 'user' ? this.instanceRole(principal.id) : undefined
    return log.startsWith('workspace:') && role !== undefined && atLeast(role, 'member')
  }

  mayRead(principal: Principal, log: LogId): boolean {
    if (principal.kind === 'runner') {
      const workspace = this.workspace(idIn(log))
      return log === INSTANCE_LOG || (workspace !== undefined && runnersOf(workspace).includes(principal.id))
    }
    if (log.startsWith('user:')) return log === userLog(principal.id)
    return this.roleIn(principal, log) !== undefined
  }

  /** Every log this principal may read. */
  logsOf(principal: Principal): LogId[] {
    const own = principal.kind === 'user' ? [INSTANCE_LOG, userLog(principal.id)] : [INSTANCE_LOG]
    return [...own, ...this.#workspaces.keys()].filter((log) => this.mayRead(principal, log))
  }
}
