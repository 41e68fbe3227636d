import {
  atLeast,
  idIn,
  refuse,
  roleMaySend,
  senderOf,
  type Command,
  type DraftEvent,
  type Refusal,
  type Role,
} from '@coppice/events'
import type { Principal, Sender } from '../principal.ts'

/** What is known about a log's members at the moment of deciding. */
export interface Membership {
  /** The sender's role in the installation. */
  readonly instanceRole: Role | undefined
  /** The sender's role in the log's workspace; undefined for other logs and strangers. */
  readonly role: Role | undefined
  /** The runner of the log's workspace. */
  readonly runnerId: string | undefined
  /** Runners that stand in for it. */
  readonly standIns?: readonly string[]
}

/** Why this sender may not send this command to its log; undefined if they may (AC-2). */
export function authorise(command: Command, sender: Sender, membership: Membership): Refusal | undefined {
  const needed = senderOf(command.type)
  if (needed === undefined)
    return refuse('unsupported', `This server does not know the command ${command.type}. Is it older than the app?`)
  if (sender.kind === 'server') return undefined
  const allowed =
    sender.kind === 'runner' ? runnerMay(needed, sender, membership) : personMay(command, needed, sender, membership)
  return allowed ? undefined : refuse('forbidden', describeNeed(needed, membership.role ?? membership.instanceRole))
}

/** Which of the workspace's runners has a session is for the fence to settle (lease-fence.ts). */
const worksFor = (runner: Principal, { runnerId, standIns }: Membership): boolean =>
  runnerId === runner.id || standIns?.includes(runner.id) === true

type Need = NonNullable<ReturnType<typeof senderOf>>

const runnerMay = (needed: Need, sender: Principal, membership: Membership): boolean =>
  needed === 'runner' && worksFor(sender, membership)

function personMay(command: Command, needed: Need, sender: Principal, membership: Membership): boolean {
  const home = command.log === 'instance' ? 'instance' : command.log.startsWith('user:') ? 'user' : 'workspace'
  switch (home) {
    case 'user':
      return needed === 'self' && idIn(command.log) === sender.id
    case 'instance':
      // Whose name it is, the instance's decider settles.
      return needed === 'self' && membership.instanceRole !== undefined
    case 'workspace':
      if (needed === 'instance-member')
        return membership.instanceRole !== undefined && atLeast(membership.instanceRole, 'member')
      return needed !== 'self' && roleMaySend(membership.role, command.type)
  }
}

function describeNeed(needed: Need, role: Role | undefined): string {
  if (needed === 'runner' || needed === 'server' || needed === 'self')
    return 'This command is not for you to send. Nothing was changed.'
  const who = needed === 'instance-member' ? 'a member of this server' : `at least the role ${needed}`
  return `This needs ${who}; you are ${role === undefined ? 'not a member' : `a ${role}`}. Nothing was changed. An admin can change roles.`
}

/** Why this runner may not have seen this; undefined if it may. */
export function authoriseObservation(
  event: DraftEvent,
  runner: Principal,
  membership: Membership,
): Refusal | undefined {
  if (event.actor.kind === 'user') return refuse('forbidden', 'A runner cannot speak for a person.')
  const inSession = event.stream.startsWith('session/')
  const own =
    event.log === 'instance'
      ? idIn(event.stream) === runner.id
      : inSession
        ? worksFor(runner, membership)
        : membership.runnerId === runner.id
  return own
    ? undefined
    : refuse('forbidden', `Runner ${runner.id} does not own stream ${event.stream} of log ${event.log}.`)
}
