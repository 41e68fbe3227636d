import {
  INSTANCE_LOG,
  INSTANCE_STREAM,
  runnerStream,
  WORKSPACE_STREAM,
  workspaceLog,
  type Actor,
} from '@coppice/events'
import type { Directory } from './access/directory.ts'
import type { ApiCommands } from './http/api.ts'
import type { Logs } from './log/logs.ts'
import { serverCommand } from './log/server-command.ts'
import type { Settings } from './settings.ts'
import type { Admission } from './sign-in/one-time-links.ts'

const INSTANCE = { log: INSTANCE_LOG, stream: INSTANCE_STREAM }
const workspace = (workspaceId: string) => ({ log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM })
const person = (id: string): Actor => ({ kind: 'user', id })

/** What opening a link means in the logs: a user who has joined, a member of a workspace. */
export function admissionInto(of: {
  logs: Logs
  directory: Directory
  settings: Settings
  /** Reads what other servers have written. */
  readOn: () => Promise<void>
}): Admission {
  const { logs, directory, settings, readOn } = of
  return {
    async objection(grant) {
      if (grant.kind !== 'invitation') return undefined
      // It may have been made by another server just now, or used up there.
      await readOn()
      const invitation = directory.workspace(grant.workspaceId)?.invitations[grant.invitationId]
      if (invitation === undefined) return 'The invitation was used or revoked.'
      return invitation.expiresAt < Date.now() ? 'The invitation has expired.' : undefined
    },
    async admit(grant, { id: userId, name }) {
      switch (grant.kind) {
        case 'device':
          return
        case 'owner':
          await serverCommand(logs, INSTANCE, 'user.rename', { userId, name }, person(userId))
          await settings.set('owner_signed_in', new Date().toISOString())
          return
        case 'invitation': {
          // Whoever only looks on in a workspace does not add workspaces of their own.
          const role = grant.role === 'viewer' ? 'viewer' : 'member'
          await serverCommand(logs, INSTANCE, 'user.join', { userId, name, role }, person(userId))
          const { invitationId, workspaceId } = grant
          const data = { invitationId, userId, name: directory.nameOf(userId) ?? name }
          const refusal = await serverCommand(
            logs,
            workspace(workspaceId),
            'workspace.acceptInvitation',
            data,
            person(userId),
          )
          if (refusal) throw new Error(refusal.message)
        }
      }
    },
  }
}

/** The commands behind the REST routes. */
export function apiCommandsFor(logs: Logs): ApiCommands {
  return {
    invite: (by, { workspaceId, ...data }) =>
      serverCommand(logs, workspace(workspaceId), 'workspace.invite', data, person(by.id)),
    registerRunner: ({ id, name }) =>
      serverCommand(logs, { log: INSTANCE_LOG, stream: runnerStream(id) }, 'runner.register', { runnerId: id, name }),
  }
}
