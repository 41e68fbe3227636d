import type { Actor } from './actor.ts'
import type { Command } from './command.ts'
import { decide, evolve, initialState, project, type StreamState } from './domain.ts'
import type { DraftEvent } from './envelope.ts'
import { isRefusal, refuse, type Refusal } from './refusal.ts'
import type { AnyRow, ReadRow, Rows, RowChange, TableName } from './rows/tables.ts'

/** What pending commands look like on top of the confirmed state. Built anew each time; there is nothing to undo (LF-4). */
export interface Overlay {
  readonly rows: ReadonlyMap<TableName, ReadonlyMap<string, AnyRow | null>>
  /** What the local decision said of each pending command, by command id. */
  readonly outcomes: ReadonlyMap<string, readonly DraftEvent[] | Refusal | 'undecided'>
}

export const emptyOverlay: Overlay = { rows: new Map(), outcomes: new Map() }

/** The confirmed state that pending commands are decided against. `stateOf` gives undefined where a stream is not replicated. */
export interface Confirmed {
  stateOf(log: Command['log'], stream: Command['stream']): StreamState | undefined
  readonly read: ReadRow
}

/**
 * Decides pending commands again, in order, on top of the confirmed state, and folds what they would do into rows.
 * A command whose stream is not replicated stays undecided; one that builds on a refused command is refused with it.
 */
export function rebase(pending: readonly Command[], confirmed: Confirmed, actor: Actor, now: number): Overlay {
  const states = new Map<string, StreamState>()
  const rows = new Map<TableName, Map<string, AnyRow | null>>()
  const outcomes = new Map<string, readonly DraftEvent[] | Refusal | 'undecided'>()
  const read: ReadRow = (table, key) => {
    const over = rows.get(table)?.get(key)
    return over === undefined ? confirmed.read(table, key) : ((over ?? undefined) as Rows[typeof table] | undefined)
  }
  let index = 0
  for (const command of pending) {
    const blocker = command.dependsOn?.find((id) => isRefused(outcomes.get(id)))
    if (blocker) {
      outcomes.set(command.id, refuse('dependency_refused', 'Something this was built on was refused.'))
      continue
    }
    const key = `${command.log} ${command.stream}`
    const state =
      states.get(key) ??
      confirmed.stateOf(command.log, command.stream) ??
      (creates(command) ? initialState(command.log, command.stream) : undefined)
    if (!state) {
      outcomes.set(command.id, 'undecided')
      continue
    }
    const decision = decide(command, state, { actor, now })
    outcomes.set(command.id, decision)
    if (isRefusal(decision)) continue
    let after = state
    for (const event of decision) {
      after = evolve(after, event)
      for (const change of project(event, read, index)) put(rows, change)
      index += 1
    }
    states.set(key, after)
  }
  return { rows, outcomes }
}

/** Commands that begin a stream need no state of it. */
const creates = (command: Command): boolean =>
  command.type.endsWith('.create') || command.type === 'session.pin' || command.type === 'session.unpin'

const isRefused = (outcome: readonly DraftEvent[] | Refusal | 'undecided' | undefined): boolean =>
  outcome !== undefined && outcome !== 'undecided' && isRefusal(outcome)

function put(rows: Map<TableName, Map<string, AnyRow | null>>, change: RowChange): void {
  const table = rows.get(change.table) ?? new Map<string, AnyRow | null>()
  table.set(change.key, change.row)
  rows.set(change.table, table)
}
