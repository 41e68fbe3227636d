import type { ObservationData } from '@coppice/events'
import type { Happening } from '../agents/happenings.ts'
import type { Redaction } from '../agents/redaction.ts'
import { derivedId } from '../derived-id.ts'
import { cutEnd } from './tool-text.ts'

const mostEntries = 200
const longestEntry = 2_000

/** An agent's plan as the log has it: one plan a turn, which changes. */
export function planUpdate(
  turnId: string,
  seed: string,
  entries: Extract<Happening, { kind: 'plan' }>['entries'],
  redaction: Redaction,
): ObservationData<'plan.updated'> {
  const told = entries.slice(0, mostEntries).map(({ text, status }) => ({
    text: cutEnd(redaction.text(text), longestEntry),
    status,
  }))
  return { turnId, planId: derivedId(seed, 'plan'), entries: told }
}
