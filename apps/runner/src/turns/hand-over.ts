import { conversationSoFar, withConversation } from './conversation-so-far.ts'
import { earlierEvents } from './earlier-events.ts'
import type { TurnParts } from './turn-parts.ts'

/**
 * The prompt of an agent that is new in a session, or has lost its memory: it is told what was said. A script remembers
 * nothing, and would run it again.
 *
 * @param failed told when what was said could not be read; then the prompt stands alone
 */
export async function handOver(
  { context, address, turnId, state, text }: TurnParts,
  failed: (error: unknown) => void,
): Promise<string> {
  const { provider, turnCount, fork } = state()
  if (provider === 'script' || (turnCount < 2 && fork === undefined)) return text
  try {
    return withConversation(conversationSoFar(await earlierEvents(context.readSession, address, turnId)), text)
  } catch (error) {
    failed(error)
    return text
  }
}
