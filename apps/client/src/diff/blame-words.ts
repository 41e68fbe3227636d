import { toolVerb } from '../conversation/tool-words.ts'
import { money } from '../format/numbers.ts'
import { exactTime } from '../format/time.ts'
import type { LineOrigin } from './blame.ts'

/** The row of the conversation that it leads to: the step, else the message that began the turn. */
export const blameTarget = ({ tool, facts }: LineOrigin): string | undefined =>
  tool?.itemId ?? (facts?.messageId || undefined)

/** In a few letters. */
export function blameShort({ origin, tool }: LineOrigin): string {
  switch (origin.kind) {
    case 'turn':
      return `Turn ${origin.turn}${tool ? ` · ${toolVerb(tool.detail)}` : ''}`
    case 'between':
      return 'By hand'
    case 'before':
      return 'Before'
    case 'now':
      return 'Just now'
  }
}

/** All that is known, a fact a line. */
export function blameWords({ origin, facts, tool }: LineOrigin, nameOf: (userId: string) => string): string {
  if (origin.kind === 'before') return 'It was there when the session began'
  if (origin.kind === 'now') return 'Newer than the last checkpoint: the turn that runs, or a person'
  if (origin.kind === 'between')
    return `Written between two turns, by a person or by git, before ${exactTime(origin.at)}`
  const parts = [
    `Turn ${origin.turn}, ended ${exactTime(origin.at)}`,
    ...(tool ? [`Step: ${toolVerb(tool.detail)} ${tool.detail.target ?? ''}`] : []),
    ...(facts?.author ? [`Asked by ${nameOf(facts.author)}: ${facts.message.slice(0, 200)}`] : []),
    ...(facts?.model ? [`Model: ${facts.model}`] : []),
    ...(facts?.usd === undefined ? [] : [`The turn took ${money(facts.usd)}`]),
  ]
  return parts.join('\n')
}
