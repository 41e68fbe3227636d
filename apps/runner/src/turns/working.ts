import { idIn } from '@coppice/events'
import type { Actor, KnownObservation, ObservationData } from '@coppice/events'
import { serverName } from '../session-tools/server-entry.ts'
import { Activity } from './activity.ts'
import { recordStream } from './run-record.ts'
import { SpokenText } from './spoken-text.ts'
import type { Telling } from './telling.ts'
import { ToolReports } from './tool-reports.ts'
import { Transcript, transcriptFile } from './transcript.ts'
import { TreeChanges } from './tree-changes.ts'
import type { TurnActions } from './turn-actions.ts'
import type { TurnParts } from './turn-parts.ts'

/** What follows an agent while it works in a turn. */
export type Working = {
  readonly spoken: SpokenText
  readonly tools: ToolReports
  readonly changes: TreeChanges
  readonly transcript: Transcript
  readonly activity: Activity
}

type Observe = <T extends KnownObservation['type']>(
  type: T,
  data: ObservationData<T>,
  step: string,
  actor?: Actor,
) => void

/**
 * Begins the record of a turn, and what tells of words and tools.
 * @param tree of the worktree before the agent can change it
 */
export function beginWorking(
  parts: TurnParts,
  told: {
    readonly seed: string
    readonly telling: Telling
    readonly observe: Observe
    /** Told when a row of the conversation is there. */
    readonly began: (itemId: string) => void
    /** Told once, when the agent said more than a turn may hold. */
    readonly tooMuch: () => void
    readonly actions: Pick<TurnActions, 'said'>
  },
  tree: Promise<string>,
): Working {
  const { seed, telling, observe, began, tooMuch, actions } = told
  const { context, address, cause, worktree, feed, turnId, runId, text, state } = parts
  const file = transcriptFile(context.dataFolder, runId, turnId)
  const { correlationId } = cause
  context.records.begin(file, `${idIn(address.log)}/${recordStream(runId, turnId)}`, correlationId)
  const transcript = new Transcript(file, () => context.records.grown(file))
  const words = context.redaction.text(text)
  transcript.write({ kind: 'turn', turnId, runId, correlationId, text: words, resumable: true })
  const changes = new TreeChanges(worktree.path, tree, context.redaction)
  const ofTurn = { turnId, seed, feed, transcript }
  const server = serverName(parts.sessionId)
  const activity = new Activity(parts)
  const tools = new ToolReports({
    ...ofTurn,
    activity,
    worktree: worktree.path,
    server,
    context,
    changes,
    telling,
    observe,
    began,
  })
  const spoken = new SpokenText({
    ...ofTurn,
    redaction: context.redaction,
    now: context.now,
    tooMuch,
    whole: (message) =>
      telling.tell(() => {
        const agent = { kind: 'agent' as const, id: state().provider }
        observe('message.added', { ...message, turnId }, `message:${message.messageId}`, agent)
        transcript.write({ kind: 'message', messageId: message.messageId })
        began(message.messageId)
        if (message.kind === 'agent' && message.completeness === 'whole') actions.said(message.messageId, message.text)
      }),
  })
  return { spoken, tools, changes, transcript, activity }
}
