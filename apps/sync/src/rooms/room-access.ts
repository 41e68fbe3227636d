import { atLeast, workspaceLog } from '@coppice/events'
import type { Directory } from '../access/directory.ts'
import type { Principal } from '../principal.ts'

/** A room is named by its workspace and what it is of: `<workspace>/session/<id>/draft`. */
const NAME = /^(?=.{3,200}$)([A-Za-z0-9_-]{1,64})(\/[A-Za-z0-9._~-]{1,100})+$/

/** The workspace that a room is in; undefined for what is no room's name. */
export const workspaceOfRoom = (name: string): string | undefined => NAME.exec(name)?.[1]

/** Members of the workspace write, viewers and the runner look on, others learn nothing (AC-2). */
export function roomRight(directory: Directory, principal: Principal, workspaceId: string): 'none' | 'read' | 'write' {
  const log = workspaceLog(workspaceId)
  if (!directory.isWorkspace(log) || !directory.mayRead(principal, log)) return 'none'
  const role = directory.roleIn(principal, log)
  return role !== undefined && atLeast(role, 'member') ? 'write' : 'read'
}
