import { toggleIds, type SessionState } from '@coppice/events'
import { paragraphs } from './paragraphs.ts'

const head =
  '# How to work in this session\n\nThe people of this session chose these rules. They go before your own habits; what a person says in the conversation goes before them.'

/** What an agent is told beside messages: the paragraphs of the toggles that are on, in their fixed order. Empty where there are none. */
export function composeInstructions({ provider, toggles }: Pick<SessionState, 'provider' | 'toggles'>): string {
  // A script reads nothing.
  if (provider === 'script' || toggles.length === 0) return ''
  return [head, ...toggleIds.filter((one) => toggles.includes(one)).map((one) => paragraphs[one])].join('\n\n')
}
