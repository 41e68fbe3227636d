import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { SessionCommand } from './commands.ts'
import type { SessionEvent } from './events.ts'
import type { processCommands, processDecisions, processFacts } from './process-vocabulary.ts'
import type { SessionState } from './state.ts'

/** A task or terminal that was asked for and has not ended. */
export interface RunningProcess {
  readonly runId: string
  readonly what: 'task' | 'terminal'
  readonly taskId?: string | undefined
  readonly started: boolean
  readonly stop: boolean
}

export type ProcessCommand = Extract<SessionCommand, { type: keyof typeof processCommands }>
export type ProcessEvent = Extract<SessionEvent, { type: keyof typeof processDecisions | keyof typeof processFacts }>

/** Decides what people ask of tasks and terminals. What may be run at all is the runner's to say: it has the workspace's tasks. */
export function decideProcess(command: ProcessCommand, state: SessionState): readonly SessionEvent[] | Refusal {
  const running = state.processes ?? []
  const { runId } = command.data
  if (command.type === 'process.stop') {
    const process = running.find((one) => one.runId === runId)
    if (!process) return refuse('operation_settled', 'It has already ended.')
    return process.stop ? [] : [{ type: 'process.stopRequested', data: { runId } }]
  }
  if (state.worktree !== 'ready')
    return refuse('wrong_state', 'The session has no worktree right now, so nothing can run in it.')
  if (running.some((one) => one.runId === runId)) return refuse('already_exists', 'This was started already.')
  if (running.length >= LIMITS.runningProcesses)
    return refuse(
      'queue_full',
      `${LIMITS.runningProcesses} tasks and terminals run in this session already. Stop one first.`,
    )
  if (command.type === 'terminal.open')
    return [{ type: 'process.requested', data: { runId, what: 'terminal', name: 'Terminal' } }]
  if (running.some((one) => one.taskId === command.data.taskId))
    return refuse('wrong_state', `${command.data.name} runs already. Stop it first.`)
  return [{ type: 'process.requested', data: { ...command.data, what: 'task' } }]
}

export function evolveProcesses(running: readonly RunningProcess[], event: ProcessEvent): readonly RunningProcess[] {
  const { runId } = event.data
  const changed = (change: Partial<RunningProcess>): readonly RunningProcess[] =>
    running.map((one) => (one.runId === runId ? { ...one, ...change } : one))
  switch (event.type) {
    case 'process.requested': {
      const { what, taskId } = event.data
      return [...running, { runId, what, ...(taskId && { taskId }), started: false, stop: false }]
    }
    case 'process.stopRequested':
      return changed({ stop: true })
    case 'process.started':
      return changed({ started: true })
    case 'process.ended':
      return running.filter((one) => one.runId !== runId)
  }
}
