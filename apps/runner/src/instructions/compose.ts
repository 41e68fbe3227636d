import { toggleIds, type BotState, type SessionState } from '@coppice/events'
import { paragraphs } from './paragraphs.ts'

const head =
  '# How to work in this session\n\nThe people of this session chose these rules. They go before your own habits; what a person says in the conversation goes before them.'

const readsOnly =
  'You may read and search. You may not change files or run commands: a step that does is rejected. Answer from what you read, and say what you could not find out.'

/**
 * What an agent is told beside messages: what its bot is for, then the paragraphs of the toggles that are on, in their fixed
 * order. Empty where there is neither.
 */
export function composeInstructions(
  { provider, toggles }: Pick<SessionState, 'provider' | 'toggles'>,
  bot?: Pick<BotState, 'prompt' | 'readOnly'>,
): string {
  // A script reads nothing.
  if (provider === 'script') return ''
  const lead = bot ? [bot.prompt, ...(bot.readOnly ? [readsOnly] : [])] : []
  if (toggles.length === 0) return lead.join('\n\n')
  return [...lead, head, ...toggleIds.filter((one) => toggles.includes(one)).map((one) => paragraphs[one])].join('\n\n')
}
