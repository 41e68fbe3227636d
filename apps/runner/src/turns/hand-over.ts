import { conversationSoFar, withConversation } from './conversation-so-far.ts'
import { earlierEvents } from './earlier-events.ts'
import type { TurnParts } from './turn-parts.ts'

/** What is said where the conversation could not be read. */
export const forgotten =
  'The agent begins anew, and what was said before could not be read from the server: it does not know of the messages above.'

/**
 * The prompt for a new agent, or one that lost its memory: it is told what was said. A script remembers nothing, and would run it again.
 * @param failed told where what was said cannot be read; the agent then gets the message alone
 */
export async function handOver(parts: TurnParts, failed: (error: unknown) => void): Promise<string> {
  const { context, address, turnId, text, state } = parts
  const { provider, turnCount, fork } = state()
  if (provider === 'script' || (turnCount < 2 && fork === undefined)) return text
  try {
    return withConversation(conversationSoFar(await earlierEvents(context.readSession, address, turnId)), text)
  } catch (error) {
    failed(error)
    return text
  }
}
