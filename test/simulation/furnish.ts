import {
  INSTANCE_LOG,
  INSTANCE_STREAM,
  makeCommand,
  newId,
  runnerStream,
  WORKSPACE_STREAM,
  type Command,
  type CommandData,
  type KnownCommand,
  type LogId,
  type StreamId,
} from '@coppice/events'
import type { LogWriter } from '../../apps/sync/src/log/log-writer.ts'
import { LOG, WORKSPACE } from './sim-client.ts'

/** An installation as it is after its first minutes: an owner, a member, a workspace, its runners. */
export async function furnish(of: {
  open: (log: LogId) => Promise<LogWriter> | undefined
  runnerIds: readonly string[]
  /** Takes steps until it is so. */
  until: (done: () => boolean) => Promise<void>
}): Promise<void> {
  const { open, runnerIds, until } = of
  const say = async <T extends KnownCommand['type']>(
    log: LogId,
    stream: StreamId,
    type: T,
    data: CommandData<T>,
    by: string,
  ): Promise<void> => {
    const command: Command = makeCommand({ log, stream }, type, data, { id: newId(), now: Date.now() })
    let done = false
    const submit = async (): Promise<void> => {
      const writer = await open(log)
      const outcome = await writer?.submit(command, { kind: 'server', onBehalfOf: { kind: 'user', id: by } })
      if (outcome?.kind !== 'accepted') throw new Error(`${type} was not accepted`)
      done = true
    }
    void submit()
    await until(() => done)
  }
  await say(INSTANCE_LOG, INSTANCE_STREAM, 'user.join', { userId: 'mara', name: 'Mara', role: 'owner' }, 'mara')
  await say(INSTANCE_LOG, INSTANCE_STREAM, 'user.join', { userId: 'jo', name: 'Jo', role: 'member' }, 'jo')
  const [runnerId = '', ...standIns] = runnerIds
  for (const id of runnerIds)
    await say(INSTANCE_LOG, runnerStream(id), 'runner.register', { runnerId: id, name: id }, 'mara')
  const source = { kind: 'sample' as const }
  const data = { workspaceId: WORKSPACE, name: 'Wood', source, runnerId, creatorName: 'Mara' }
  await say(LOG, WORKSPACE_STREAM, 'workspace.create', data, 'mara')
  for (const id of standIns) await say(LOG, WORKSPACE_STREAM, 'workspace.addRunner', { runnerId: id }, 'mara')
  const invitation = { invitationId: 'i', role: 'member' as const, expiresAt: Date.now() + 1_000_000 }
  await say(LOG, WORKSPACE_STREAM, 'workspace.invite', invitation, 'mara')
  const accepted = { invitationId: 'i', userId: 'jo', name: 'Jo' }
  await say(LOG, WORKSPACE_STREAM, 'workspace.acceptInvitation', accepted, 'jo')
}
