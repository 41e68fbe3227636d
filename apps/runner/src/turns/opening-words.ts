import { sha256Hex, type KnownObservation, type ObservationData } from '@coppice/events'
import { withInstructions, type Instructed } from '../instructions/before-prompt.ts'
import { conversationSoFar, withConversation } from './conversation-so-far.ts'
import { earlierEvents } from './earlier-events.ts'
import type { TurnParts } from './turn-parts.ts'

type Tell = {
  observe<T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string): void
  say(text: string, step: string): void
  wentWrong(error: unknown): void
}

/** The first prompt of a turn: the message, with what the agent does not know yet before it. What it is told is told to the log. */
export async function openingWords(
  parts: TurnParts,
  { remembers, instructed }: { readonly remembers: boolean; readonly instructed: Instructed },
  tell: Tell,
): Promise<string> {
  const text = withAnswers(parts, parts.resumption?.asked ? resumed(parts, tell) : parts.text, tell)
  const message = remembers || parts.resumption?.asked ? text : await handOver(parts, text, tell)
  noteInstructions(parts, instructed, tell)
  return withInstructions(instructed, message)
}

/** What it was told beside the message is in the log, its text whenever it changed (T-8). */
function noteInstructions({ turnId, keeper, state }: TurnParts, { text, way, known }: Instructed, tell: Tell): void {
  if (!known) keeper.told(text)
  const { instructions } = state()
  if (text === '' && instructions === '') return
  const sha256 = sha256Hex(text)
  tell.observe('turn.instructed', { turnId, sha256, way, ...(sha256 !== instructions && { text }) }, 'instructed')
}

/** A turn that goes on after a restart: the calls that waited for an answer are gone, what they asked is not. */
function resumed({ turnId, resumption, state }: TurnParts, tell: Tell): string {
  const waiting = state().actions.filter((one) => one.waits && one.turnId === turnId)
  for (const { actionId } of waiting) tell.observe('action.detached', { actionId }, `detached:${actionId}`)
  const prompt = resumption?.prompt ?? ''
  return waiting.length === 0
    ? prompt
    : `${prompt}\n\nWhat you asked the people is still open; do not ask it again. Their answer comes as a message.`
}

/** What a person answered while the agent was going: it comes before the message. */
function withAnswers({ turnId, unheard }: TurnParts, text: string, tell: Tell): string {
  for (const { actionId } of unheard) tell.observe('action.taken', { actionId, turnId }, `taken:${actionId}`)
  return [...unheard.map((one) => one.text), text].join('\n\n')
}

/** A new agent, or one that lost its memory, is told what was said; a script remembers nothing, and would run it again. */
async function handOver({ context, address, turnId, state }: TurnParts, text: string, tell: Tell): Promise<string> {
  const { provider, turnCount, fork } = state()
  if (provider === 'script' || (turnCount < 2 && fork === undefined)) return text
  try {
    return withConversation(conversationSoFar(await earlierEvents(context.readSession, address, turnId)), text)
  } catch (error) {
    tell.wentWrong(error)
    tell.say(
      'The agent begins anew, and what was said before could not be read from the server: it does not know of the messages above.',
      'forgot',
    )
    return text
  }
}
