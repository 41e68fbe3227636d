import { atLeast, type LogId, type Role } from '@coppice/events'
import type { QueryRequest } from '@coppice/protocol'
import type { Principal } from '../principal.ts'
import type { Directory } from './directory.ts'

/** Whether a reader of a log may ask its runner this, too. */
export function mayAsk(
  request: QueryRequest,
  principal: Principal,
  log: LogId,
  directory: Pick<Directory, 'roleIn' | 'instanceRole'>,
): boolean {
  const has = (role: Role | undefined, least: Role): boolean => role !== undefined && atLeast(role, least)
  const role = (): Role | undefined => directory.roleIn(principal, log)
  switch (request.kind) {
    // What stands in the home folder of a runner's owner is for those who may make its agents work.
    case 'commands':
      return has(role(), 'member')
    case 'ide.inspect':
      return false
    case 'secrets.list':
      return log.startsWith('workspace:') && has(role(), 'member')
    case 'secrets.set':
    case 'secrets.remove':
      // A runner's keys serve all its workspaces.
      if (request.scope === 'runner' && !has(directory.instanceRole(principal.id), 'admin')) return false
      return log.startsWith('workspace:') && has(role(), 'admin')
    default:
      return true
  }
}
