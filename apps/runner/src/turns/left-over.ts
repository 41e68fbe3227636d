import type { ObservationData } from '@coppice/events'
import type { TranscriptLine } from './transcript.ts'

/** What a process that is gone had begun and not told: read from the turn's transcript. */
export type LeftOver = {
  readonly messages: readonly {
    readonly messageId: string
    readonly channel: 'agent' | 'thinking'
    readonly text: string
  }[]
  readonly tools: readonly { readonly toolId: string; readonly output: string; readonly at: number }[]
  /** The agent was given the prompt. Where it was not, nothing can have happened. */
  readonly asked: boolean
  /** How the agent had ended the turn, if it had. */
  readonly answered: Pick<ObservationData<'turn.ended'>, 'outcome' | 'message' | 'usage'> | undefined
  /** The transcript is of a version that tells `asked`, or there is none at all. */
  readonly resumable: boolean
}

/** Finds what was begun in a turn and not finished. */
export function leftOver(lines: readonly TranscriptLine[]): LeftOver {
  const messages = new Map<string, { messageId: string; channel: 'agent' | 'thinking'; text: string }>()
  const tools = new Map<string, { toolId: string; output: string; at: number }>()
  let asked = false
  let answered: LeftOver['answered']
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
    else if (line.kind === 'asked') asked = true
    else if (line.kind === 'answered') {
      const { kind: _kind, ...end } = line
      answered = end
    }
  }
  const [first] = lines
  return {
    messages: [...messages.values()].filter((one) => one.text.trim() !== ''),
    tools: [...tools.values()],
    asked,
    answered,
    resumable: first === undefined || (first.kind === 'turn' && first.resumable === true),
  }
}
