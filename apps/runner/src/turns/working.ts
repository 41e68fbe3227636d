import { idIn } from '@coppice/events'
import type { Actor, KnownObservation, ObservationData } from '@coppice/events'
import type { Happening } from '../agents/happenings.ts'
import { derivedId } from '../derived-id.ts'
import { Activity } from './activity.ts'
import { recordStream } from './run-record.ts'
import { SpokenText } from './spoken-text.ts'
import type { Telling } from './telling.ts'
import { ToolReports } from './tool-reports.ts'
import { cutEnd } from './tool-text.ts'
import { Transcript, transcriptFile } from './transcript.ts'
import { TreeChanges } from './tree-changes.ts'
import type { TurnParts } from './turn-parts.ts'

/** What follows an agent while it works in a turn. */
export type Working = {
  readonly spoken: SpokenText
  readonly tools: ToolReports
  readonly changes: TreeChanges
  readonly transcript: Transcript
  readonly activity: Activity
  /** Tells of the agent's list of what it will do. */
  plan(entries: Extract<Happening, { kind: 'plan' }>['entries']): void
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
  { seed, telling, observe }: { readonly seed: string; readonly telling: Telling; readonly observe: Observe },
  tree: Promise<string>,
): Working {
  const { context, address, cause, worktree, feed, turnId, runId, text, state } = parts
  const file = transcriptFile(context.dataFolder, runId, turnId)
  const { correlationId } = cause
  context.records.begin(file, `${idIn(address.log)}/${recordStream(runId, turnId)}`, correlationId)
  const transcript = new Transcript(file, () => context.records.grown(file))
  const words = context.redaction.text(text)
  transcript.write({ kind: 'turn', turnId, runId, correlationId, text: words, resumable: true })
  const changes = new TreeChanges(worktree.path, tree, context.redaction)
  const ofTurn = { turnId, seed, feed, transcript }
  const activity = new Activity(parts)
  const tools = new ToolReports({ ...ofTurn, activity, worktree: worktree.path, context, changes, telling, observe })
  const spoken = new SpokenText({
    ...ofTurn,
    redaction: context.redaction,
    now: context.now,
    whole: (message) =>
      telling.tell(() => {
        const agent = { kind: 'agent' as const, id: state().provider }
        observe('message.added', { ...message, turnId }, `message:${message.messageId}`, agent)
        transcript.write({ kind: 'message', messageId: message.messageId })
      }),
  })
  const planId = derivedId(seed, 'plan')
  let plans = 0
  const plan = (all: Extract<Happening, { kind: 'plan' }>['entries']): void => {
    plans += 1
    const entries = all.slice(0, 200).map((entry) => ({ ...entry, text: cutEnd(entry.text, 2_000) }))
    telling.tell(() => observe('plan.updated', { turnId, planId, entries }, `plan:${plans}`))
  }
  return { spoken, tools, changes, transcript, activity, plan }
}
