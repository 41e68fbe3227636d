import { atLeast, type Role } from './actor.ts'
import type { BotCommand } from './bot/index.ts'
import type { GroupCommand } from './group/index.ts'
import type { InstanceCommand } from './instance/index.ts'
import type { LogCommand } from './log/index.ts'
import type { RunnerCommand } from './runner/index.ts'
import type { SessionCommand } from './session/commands.ts'
import type { UserCommand } from './user/index.ts'
import type { WorkspaceCommand } from './workspace/commands.ts'

/** Who may send a command: a role and all above it, the workspace's runner, only the server, or (`self`) whoever owns the log. */
export type Sender = Role | 'runner' | 'server' | 'self' | 'instance-member'

type CommandType =
  | SessionCommand['type']
  | GroupCommand['type']
  | BotCommand['type']
  | WorkspaceCommand['type']
  | InstanceCommand['type']
  | RunnerCommand['type']
  | UserCommand['type']
  | LogCommand['type']

/** Complete by construction: a command type without a line here does not compile (RL-7). */
const SENDERS: Readonly<Record<CommandType, Sender>> = {
  'session.create': 'member',
  'session.rename': 'member',
  'session.setStepMode': 'member',
  'session.setToggle': 'member',
  'session.addRule': 'member',
  'session.removeRule': 'member',
  'session.setStrict': 'member',
  'session.setPlanMode': 'member',
  'session.setProvider': 'member',
  'session.setBudget': 'member',
  'session.end': 'member',
  'session.restore': 'member',
  'message.send': 'member',
  'message.edit': 'member',
  'message.remove': 'member',
  'message.reorder': 'member',
  'message.steer': 'member',
  'session.rewind': 'member',
  'session.resetContext': 'member',
  'queue.release': 'member',
  'turn.stop': 'member',
  'turn.start': 'runner',
  'session.takeOver': 'runner',
  'approval.answer': 'member',
  'action.answer': 'member',
  'comment.add': 'member',
  'comment.edit': 'member',
  'comment.remove': 'member',
  'comment.resolve': 'member',
  'comments.send': 'member',
  'git.request': 'member',
  'git.cancel': 'member',
  'bot.create': 'admin',
  'bot.edit': 'admin',
  'bot.archive': 'admin',
  'group.create': 'member',
  'group.choose': 'member',
  'task.start': 'member',
  'terminal.open': 'member',
  'process.stop': 'member',
  'hook.cancel': 'member',
  'hooks.report': 'runner',
  'session.keepOpen': 'runner',
  'session.endAgain': 'runner',
  'ide.offer': 'server',
  'workspace.create': 'instance-member',
  'workspace.rename': 'admin',
  'workspace.setStarterBranch': 'admin',
  'workspace.setRetention': 'admin',
  'workspace.setBudget': 'admin',
  'workspace.setCopiedFiles': 'admin',
  'workspace.setSandbox': 'admin',
  'workspace.setTask': 'admin',
  'workspace.removeTask': 'admin',
  'workspace.setTerminals': 'admin',
  'workspace.setHook': 'admin',
  'workspace.removeHook': 'admin',
  'workspace.orderHooks': 'admin',
  'workspace.switchHooks': 'admin',
  'workspace.setHookOptions': 'admin',
  'workspace.resetHook': 'admin',
  'workspace.countHook': 'runner',
  'workspace.addRunner': 'admin',
  'workspace.removeRunner': 'admin',
  'workspace.trustScript': 'member',
  'workspace.setToggle': 'admin',
  'workspace.addRule': 'admin',
  'workspace.removeRule': 'admin',
  'workspace.changeMemberRole': 'admin',
  'workspace.removeMember': 'admin',
  'workspace.revokeInvitation': 'admin',
  'workspace.invite': 'server',
  'workspace.acceptInvitation': 'server',
  'user.join': 'server',
  'user.rename': 'self',
  'runner.register': 'server',
  'log.noteRestore': 'server',
  'session.pin': 'self',
  'session.unpin': 'self',
}

/** Who may send a command of this type; undefined for a type this code does not know. */
export const senderOf = (type: string): Sender | undefined =>
  Object.hasOwn(SENDERS, type) ? SENDERS[type as CommandType] : undefined

/** Whether a role suffices for a command addressed to a workspace's log. */
export function roleMaySend(role: Role | undefined, type: string): boolean {
  const sender = senderOf(type)
  if (sender === undefined || sender === 'runner' || sender === 'server') return false
  if (sender === 'self' || sender === 'instance-member') return role !== undefined
  return role !== undefined && atLeast(role, sender)
}
