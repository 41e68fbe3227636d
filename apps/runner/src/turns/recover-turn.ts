import type { SessionState, KnownObservation, ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { runRecord } from './run-record.ts'
import { readTranscript, transcriptFile } from './transcript.ts'
import type { TranscriptLine } from './transcript.ts'

/** What a process that is gone had begun and not told: read from the turn's transcript. */
export type LeftOver = {
  readonly messages: readonly {
    readonly messageId: string
    readonly channel: 'agent' | 'thinking'
    readonly text: string
  }[]
  readonly tools: readonly { readonly toolId: string; readonly output: string; readonly at: number }[]
}

/** Finds messages and tools of a turn that were begun and not finished. */
export function leftOver(lines: readonly TranscriptLine[]): LeftOver {
  const messages = new Map<string, { messageId: string; channel: 'agent' | 'thinking'; text: string }>()
  const tools = new Map<string, { toolId: string; output: string; at: number }>()
  for (const line of lines) {
    if (line.kind === 'text') {
      const known = messages.get(line.messageId)
      messages.set(line.messageId, {
        messageId: line.messageId,
        channel: line.channel,
        text: (known?.text ?? '') + line.text,
      })
    } else if (line.kind === 'message') messages.delete(line.messageId)
    else if (line.kind === 'toolStarted') tools.set(line.toolId, { toolId: line.toolId, output: '', at: line.at })
    else if (line.kind === 'output') {
      const known = tools.get(line.toolId)
      if (known) tools.set(line.toolId, { ...known, output: known.output + line.text })
    } else if (line.kind === 'toolFinished') tools.delete(line.toolId)
  }
  return { messages: [...messages.values()].filter((one) => one.text.trim() !== ''), tools: [...tools.values()] }
}

/** Ends a turn that an earlier process of this runner was working on: truthfully, with what is left of it. */
export function recoverTurn(context: RunnerContext, address: Address, state: SessionState, cause: Cause): void {
  const { turn } = state
  if (!turn) return
  const { turnId, runId } = turn
  const observe = <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string): void => {
    void context.observe(address, type, data, cause, `${turnId}:${step}`)
  }
  const { messages, tools } = leftOver(readTranscript(transcriptFile(context.dataFolder, runId, turnId)))
  for (const { messageId, channel, text } of messages) {
    const actor = { kind: 'agent' as const, id: state.provider }
    void context.observe(
      address,
      'message.added',
      { messageId, turnId, kind: channel, text, completeness: 'cut_off' },
      cause,
      `${turnId}:message:${messageId}`,
      actor,
    )
  }
  for (const { toolId, output, at } of tools) {
    const cut = output.slice(-8_000)
    observe(
      'tool.finished',
      {
        toolId,
        turnId,
        outcome: 'aborted',
        durationMs: Math.max(0, context.now() - at),
        output: cut,
        omittedChars: output.length - cut.length,
      },
      `recovered:${toolId}`,
    )
  }
  for (const { approvalId, toolId } of state.approvals)
    observe('approval.withdrawn', { approvalId, toolId, reason: 'restart' }, `withdrawn:${approvalId}`)
  observe(
    'agent.exited',
    { runId, turnId, exitCode: null, signal: null, groupGone: true },
    `exited:${derivedId(runId)}`,
  )
  observe(
    'turn.ended',
    {
      turnId,
      messageIds: [...turn.messageIds],
      outcome: 'aborted_by_restart',
      message:
        'The runner was restarted while the agent worked. What it had done is kept; release the queue or send a message to go on.',
      durationMs: Math.max(0, context.now() - turn.startedAt),
      ...runRecord(context.dataFolder, runId, turnId),
    },
    'ended',
  )
}
