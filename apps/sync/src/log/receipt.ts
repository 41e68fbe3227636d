import { hash } from 'node:crypto'
import { canonicalText, refusalSchema, type Actor, type Command } from '@coppice/events'
import type { Receipt } from '@coppice/protocol'
import type { StoredReceipt } from '../store/event-store.ts'
import { LIMITS } from '../limits.ts'
import { RecentMap } from './recent-map.ts'

export type Outcome = Receipt['result']

/** An outcome together with what was asked, hashed. */
export interface Answered {
  readonly content: string
  readonly outcome: Outcome
}

/** What a command says and who says it, hashed: the same id with another hash is a conflict. */
export function contentHash(command: Command, actor: Actor): string {
  const { correlationId, data, dependsOn, id, log, occurredAt, schemaVersion, stream, type } = command
  // Keys in canonical order, in which a text is written fastest; what is absent is left out.
  const said = {
    actor: { id: actor.id, kind: actor.kind },
    command: { correlationId, data, dependsOn, id, log, occurredAt, schemaVersion, stream, type },
  }
  return hash('sha256', canonicalText(said), 'base64url')
}

export const conflict = (commandId: string): Outcome => ({
  kind: 'refused',
  refusal: {
    code: 'conflict',
    message: `Command ${commandId} was answered before, with other content. Nothing was changed. A new wish needs a new id.`,
  },
})

export function fromStored(row: StoredReceipt): Answered {
  if (row.refusal !== null)
    return { content: row.content, outcome: { kind: 'refused', refusal: refusalSchema.parse(JSON.parse(row.refusal)) } }
  return { content: row.content, outcome: { kind: 'accepted', from: row.from, to: row.to } }
}

/** The newest receipts of all logs, by command id, so that a repeat seldom costs a look-up. */
export type RecentReceipts = RecentMap<string, Answered>

export const recentReceipts = (): RecentReceipts => new RecentMap(LIMITS.rememberedReceipts)
