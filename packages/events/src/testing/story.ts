import fc from 'fast-check'
import type { Actor } from '../actor.ts'
import type { Command } from '../command.ts'
import { sessionStream, workspaceLog } from '../ids.ts'
import { asSession, makeCommand, makeObservation, type CommandData, type KnownCommand } from '../make.ts'
import { toggleIds } from '../session/toggles.ts'
import type { SessionEvent } from '../session/events.ts'
import { MemoryLog } from './memory-log.ts'

/** One thing that somebody does or a runner sees, in a random story of one workspace. */
export type Deed = { readonly what: string; readonly session: number; readonly pick: number; readonly text: string }

export const deeds = fc.array(
  fc.record({
    what: fc.constantFrom(
      'create',
      'send',
      'send',
      'edit',
      'remove',
      'reorder',
      'ready',
      'start',
      'start',
      'tool',
      'say',
      'ask',
      'answer',
      'stop',
      'endTurn',
      'end',
      'ended',
      'restore',
      'git',
      'gitDone',
      'checkpoint',
      'mode',
      'rename',
      'provider',
      'release',
      'rewind',
      'rewound',
      'reset',
      'strike',
      'steer',
      'steered',
      'toggle',
      'instruct',
      'offer',
      'offer',
      'detach',
      'answerAction',
      'take',
      'note',
    ),
    session: fc.nat(2),
    pick: fc.nat(5),
    text: fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }).filter((text) => text.trim().length > 0),
  }),
  { maxLength: 60 },
)

const LOG = workspaceLog('w')
const USER: Actor = { kind: 'user', id: 'mara' }
const RUNNER: Actor = { kind: 'runner', id: 'r' }

/** Plays a story into a log; deeds that make no sense there are refused or skipped, as in life. */
export function play(
  story: readonly Deed[],
  log = new MemoryLog(),
): { log: MemoryLog; commands: { command: Command; actor: Actor }[] } {
  const commands: { command: Command; actor: Actor }[] = []
  let n = 0
  for (const deed of story) {
    n += 1
    const sessionId = `s${deed.session}`
    const address = { log: LOG, stream: sessionStream(sessionId) }
    const state = asSession(log.state(address.log, address.stream))
    const push = <T extends KnownCommand['type']>(type: T, data: CommandData<T>, actor = USER): void => {
      const command = makeCommand(address, type, data, { id: `c${n}`, now: n })
      commands.push({ command, actor })
      log.push(command, actor)
    }
    const see = <T extends SessionEvent['type']>(type: T, data: Extract<SessionEvent, { type: T }>['data']): void => {
      const stamp = { id: `o${n}`, now: n, actor: RUNNER, causationId: 'x', correlationId: 'x' }
      log.observe(makeObservation(address, type, data as never, stamp))
    }
    const queued = state.queue[deed.pick % Math.max(1, state.queue.length)]
    const turnId = state.turn?.turnId ?? 't0'
    const delivered = state.delivered[deed.pick % Math.max(1, state.delivered.length)]?.messageId ?? 'none'
    switch (deed.what) {
      case 'create':
        push('session.create', {
          sessionId,
          workspaceId: 'w',
          mode: 'develop',
          provider: 'script',
          model: '',
          baseBranch: 'main',
          stepMode: 'manual',
        })
        break
      case 'send':
        push('message.send', { messageId: `m${n}`, text: deed.text })
        break
      case 'edit':
        push('message.edit', { messageId: queued?.messageId ?? 'none', text: deed.text })
        break
      case 'remove':
        push('message.remove', { messageId: queued?.messageId ?? 'none' })
        break
      case 'reorder':
        push('message.reorder', { messageIds: state.queue.map((one) => one.messageId).reverse() })
        break
      case 'start':
        push(
          'turn.start',
          { turnId: `t${n}`, runId: `run${n}`, messageId: state.queue[0]?.messageId ?? 'none' },
          RUNNER,
        )
        break
      case 'stop':
        push('turn.stop', { turnId })
        break
      case 'answer':
        push('approval.answer', {
          approvalId: state.approvals[0]?.approvalId ?? 'none',
          decision: deed.pick > 2 ? 'reject' : 'allow_session',
        })
        break
      case 'end':
        push('session.end', { outcome: deed.pick > 2 ? 'done' : 'canceled' })
        break
      case 'restore':
        push('session.restore', {})
        break
      case 'git':
        push('git.request', { operationId: `g${n}`, operation: { kind: 'stage', paths: [] } })
        break
      case 'mode':
        push('session.setStepMode', { stepMode: deed.pick > 2 ? 'auto' : 'manual' })
        break
      case 'provider':
        push('session.setProvider', {
          provider: deed.pick > 2 ? 'script' : 'coppice-code',
          model: deed.pick > 4 ? 'x' : '',
        })
        break
      case 'rename':
        push('session.rename', { name: deed.text.trim().slice(0, 20) || 'x' })
        break
      case 'release':
        push('queue.release', {})
        break
      case 'rewind': {
        const restore = deed.pick > 3 ? 'code' : deed.pick > 1 ? 'conversation' : 'both'
        const replacement = { messageId: `m${n}`, text: deed.text }
        push('session.rewind', {
          rewindId: `w${n}`,
          messageId: delivered,
          restore,
          ...(deed.pick % 2 === 0 && { replacement }),
        })
        break
      }
      case 'rewound': {
        if (!state.rewind) break
        const { rewindId, messageId, restore, replacedBy } = state.rewind
        const closed = state.actions.slice(deed.pick).map((one) => one.actionId)
        if (deed.pick > 4) see('session.rewindFailed', { rewindId, message: 'no' })
        else
          see('session.rewound', {
            rewindId,
            messageId,
            restore,
            ...(replacedBy && { replacedBy }),
            closedActions: closed,
          })
        break
      }
      case 'reset':
        push('session.resetContext', { resetId: `reset${n}` })
        break
      case 'steer':
        push('message.steer', { messageId: queued?.messageId ?? 'none' })
        break
      case 'steered': {
        const steering = state.queue.find((one) => one.steering)
        if (!steering) break
        const { messageId } = steering
        if (deed.pick > 3) see('message.notSteered', { messageId, turnId, message: 'not now' })
        else see('message.steered', { messageId, turnId })
        break
      }
      case 'toggle':
        push('session.setToggle', { toggle: toggleIds[deed.pick] ?? 'docs', on: deed.text.length > 9 })
        break
      case 'instruct': {
        const sha256 = String(deed.pick).repeat(64)
        see('turn.instructed', { turnId, sha256, way: 'first_prompt', ...(deed.pick > 2 && { text: deed.text }) })
        break
      }
      case 'offer': {
        const action =
          deed.pick > 1
            ? { kind: 'ask_question' as const, question: deed.text, options: [{ label: 'yes' }] }
            : { kind: 'create_ticket' as const, title: deed.text.trim().slice(0, 90) || 'x', description: '' }
        see('action.offered', { actionId: `act${n}`, turnId, action, waits: deed.pick > 3 })
        break
      }
      case 'detach':
        see('action.detached', { actionId: state.actions[0]?.actionId ?? 'none' })
        break
      case 'take':
        see('action.taken', { actionId: state.unheard[0] ?? 'none', turnId })
        break
      case 'note':
        see('agent.noted', { noteId: `note${n}`, turnId, event: 'x', data: { text: deed.text } })
        break
      case 'answerAction': {
        const answer =
          deed.pick > 3
            ? { kind: 'dismissed' as const }
            : deed.pick > 1
              ? { kind: 'answered' as const, options: ['yes'] }
              : { kind: 'ticket' as const, title: 'x', description: '' }
        const message = { messageId: `m${n}`, text: deed.text }
        push('action.answer', { actionId: state.actions[deed.pick]?.actionId ?? 'none', answer, message })
        break
      }
      case 'strike':
        push('message.remove', { messageId: delivered })
        break
      case 'ready':
        see('worktree.ready', { branch: 'coppice/x', baseCommit: 'abc', path: '/w/x', durationMs: 1 })
        break
      case 'tool':
        if (deed.pick > 2)
          see('tool.started', { toolId: `tool${deed.pick}`, turnId, family: 'run', title: 'Run', target: 'ls' })
        else
          see('tool.finished', {
            toolId: `tool${deed.pick + 3}`,
            turnId,
            outcome: 'done',
            durationMs: 1,
            output: deed.text,
            omittedChars: 0,
          })
        break
      case 'say':
        see('message.added', { messageId: `a${n}`, turnId, kind: 'agent', text: deed.text, completeness: 'whole' })
        break
      case 'ask':
        see('approval.requested', {
          approvalId: `ap${n}`,
          toolId: `tool${deed.pick}`,
          turnId,
          family: 'run',
          title: 'Run',
          target: 'ls',
          detail: 'ls',
          detailKind: 'command',
          rule: { family: 'run', target: 'ls' },
        })
        break
      case 'endTurn':
        see('turn.ended', {
          turnId,
          messageIds: [...(state.turn?.messageIds ?? [])],
          outcome: deed.pick > 2 ? 'completed' : 'stopped',
          durationMs: 5,
        })
        break
      case 'ended':
        see('session.ended', { outcome: state.ending === 'none' ? 'done' : state.ending })
        break
      case 'gitDone':
        see('git.completed', { operationId: state.operations[0]?.operationId ?? 'none', summary: 'Staged 1 file' })
        break
      case 'checkpoint':
        see('checkpoint.created', {
          checkpointId: `k${n}`,
          commit: 'c',
          tree: 't',
          reason: 'turn_end',
          additions: 1,
          deletions: 0,
          fileCount: 1,
          files: [],
        })
        break
    }
  }
  return { log, commands }
}
