import type { ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import { cutEnd } from './tool-text.ts'
import type { TurnParts } from './turn-parts.ts'

type Plan = ObservationData<'plan.updated'>

const mostEntries = 200
const mostChars = 2_000

/** A turn's plan as the agent has it now: one row that changes. */
export function planReport(
  { turnId, context }: Pick<TurnParts, 'turnId' | 'context'>,
  seed: string,
  entries: readonly Readonly<Plan['entries'][number]>[],
): Plan {
  const clean = (text: string): string => cutEnd(context.redaction.text(text), mostChars)
  return {
    turnId,
    planId: derivedId(seed, 'plan'),
    entries: entries.slice(0, mostEntries).map((entry) => ({ ...entry, text: clean(entry.text) })),
  }
}
