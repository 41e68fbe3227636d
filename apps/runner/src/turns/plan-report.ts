import type { ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import { cutEnd } from './tool-text.ts'

type Plan = ObservationData<'plan.updated'>

const mostEntries = 200
const mostChars = 2_000

/** A turn's plan as the agent has it now: one row that changes. */
export function planReport(turnId: string, entries: readonly Readonly<Plan['entries'][number]>[]): Plan {
  return {
    turnId,
    planId: derivedId(turnId, 'plan'),
    entries: entries.slice(0, mostEntries).map((entry) => ({ ...entry, text: cutEnd(entry.text, mostChars) })),
  }
}
