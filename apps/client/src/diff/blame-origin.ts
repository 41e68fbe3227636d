import type { CheckpointRow, ItemRow } from '@coppice/events'
import { parseHunks } from '../git/hunks.ts'

/** Where a line came from (AU-5). */
export interface Origin {
  /** `turn`: an agent's; `between`: a person's, or git's, between two turns; `before`: older than the session; `now`: not in a checkpoint yet. */
  readonly kind: 'turn' | 'between' | 'before' | 'now'
  readonly turnId: string
  /** Of the turn, from 1; 0 where there is none. */
  readonly turn: number
  /** When it was there at the latest; ms. */
  readonly at: number
}

/** What a turn was: read from the conversation's rows. */
export interface TurnFacts {
  /** Row of the message that began it. */
  readonly messageId: string
  /** A user's id, or which hook began it. */
  readonly author: string
  readonly message: string
  readonly model: string
  readonly usd: number | undefined
  /** Its steps that changed files, in order. */
  readonly tools: readonly ItemRow[]
}

/** Checkpoints whose tree is another than that of the one before; only between these can a line have come. */
export const telling = (checkpoints: readonly CheckpointRow[]): CheckpointRow[] =>
  checkpoints.filter((one, n) => one.tree !== checkpoints[n - 1]?.tree)

/** What a checkpoint says of the lines that it had first. */
export function originOf(by: string, checkpoints: readonly CheckpointRow[]): Origin {
  if (by === 'base') return { kind: 'before', turnId: '', turn: 0, at: 0 }
  const found = checkpoints.find((one) => one.commit === by)
  if (by === 'now' || !found) return { kind: 'now', turnId: '', turn: 0, at: 0 }
  // What was there when a turn began was not made by it; what another checkpoint of a turn has first was.
  if (found.turnId === '' || found.reason === 'turn_start')
    return { kind: 'between', turnId: '', turn: 0, at: found.at }
  const begun = checkpoints.filter((one) => one.reason === 'turn_start')
  const turn = begun.findIndex((one) => one.turnId === found.turnId) + 1
  return { kind: 'turn', turnId: found.turnId, turn, at: found.at }
}

/** The facts of a turn from its rows. */
export function turnFacts(rows: readonly ItemRow[]): TurnFacts {
  const message = rows.find((row) => row.kind === 'user' || row.kind === 'hook_failure')
  const hook = message?.kind === 'hook_failure' ? `the hook ${message.detail.source ?? ''}` : undefined
  const usage = rows.find((row) => row.kind === 'turn_end')?.detail.usage
  return {
    messageId: message?.itemId ?? '',
    author: hook ?? message?.author ?? '',
    message: message?.text ?? '',
    model: usage ? usage.model || usage.provider : '',
    usd: usage?.usd,
    tools: rows.filter((row) => row.kind === 'tool' && (row.detail.changes?.length ?? 0) > 0),
  }
}

/** The step that wrote a line: the last of the turn whose change of the file adds exactly this text. */
export function toolOf(facts: TurnFacts, path: string, text: string): ItemRow | undefined {
  return facts.tools.findLast((tool) =>
    tool.detail.changes?.some(
      (change) =>
        change.path === path &&
        parseHunks(change.patch).some((hunk) => hunk.lines.some((line) => line.kind === 'add' && line.text === text)),
    ),
  )
}
