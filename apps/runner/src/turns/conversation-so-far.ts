import { answerWords, asSessionEvent, type RecordedEvent } from '@coppice/events'

/** Most characters of an earlier conversation that a new agent is given: its window must hold the work, too. */
const mostChars = 60_000
/** Most of one message or tool line. */
const mostOfOne = 8_000
const mostOfTool = 300

interface Said {
  readonly id: string
  readonly text: string
}

/**
 * What was said in a session, as far as it counts: not what a rewind replaced, what was deleted, or what
 * came before the context was reset. Empty where there is nothing.
 * @param events up to now, in order
 */
export function conversationSoFar(events: readonly RecordedEvent[]): string {
  const texts = new Map<string, string>()
  const byHooks = new Set<string>()
  const asked = (id: string): string => `${byHooks.has(id) ? 'Hook' : 'User'}: ${cut(texts.get(id) ?? '', mostOfOne)}`
  let said: Said[] = []
  for (const recorded of events) {
    const event = asSessionEvent(recorded)
    switch (event?.type) {
      case 'message.queued': {
        const { messageId, text, hook } = event.data
        texts.set(messageId, text)
        if (hook) byHooks.add(messageId)
        break
      }
      case 'message.edited':
        texts.set(event.data.messageId, event.data.text)
        break
      case 'turn.started':
        for (const id of event.data.messageIds) said.push({ id, text: asked(id) })
        break
      case 'message.steered':
        said.push({ id: event.data.messageId, text: asked(event.data.messageId) })
        break
      case 'message.added':
        if (event.data.kind === 'agent')
          said.push({ id: event.data.messageId, text: `You: ${cut(event.data.text, mostOfOne)}` })
        break
      case 'tool.finished': {
        const { toolId, title, target, outcome } = event.data
        said.push({ id: toolId, text: cut(`[tool] ${title ?? ''} ${target ?? ''}: ${outcome}`, mostOfTool) })
        break
      }
      case 'action.offered': {
        const { actionId, action } = event.data
        const what = action.kind === 'ask_question' ? action.question : action.title
        said.push({ id: actionId, text: cut(`[you put before the people: ${action.kind}] ${what}`, mostOfOne) })
        break
      }
      case 'action.answered':
        // An answer that went as a message is told where that was delivered.
        if (event.data.delivery !== 'message')
          said.push({
            id: `${event.data.actionId}-answer`,
            text: `User: ${event.data.answer.kind === 'approved' ? 'The plan was taken over into another session.' : cut(answerWords(event.data.answer), mostOfOne)}`,
          })
        break
      case 'turn.ended':
        if (event.data.outcome !== 'completed')
          said.push({ id: `${event.data.turnId}-end`, text: `[the turn ended: ${event.data.outcome}]` })
        break
      case 'message.struck': {
        const { messageId } = event.data
        said = said.filter(({ id }) => id !== messageId)
        break
      }
      case 'session.rewound': {
        const { messageId, restore } = event.data
        const at = restore === 'code' ? -1 : said.findIndex(({ id }) => id === messageId)
        if (at >= 0) said = said.slice(0, at)
        break
      }
      case 'session.contextReset':
        said = []
        break
    }
  }
  return render(said)
}

/** A prompt for an agent that does not remember what was said. */
export function withConversation(conversation: string, text: string): string {
  if (conversation === '') return text
  return [
    'You continue a conversation that you do not remember. This is what was said, oldest first:',
    `<conversation>\n${conversation}\n</conversation>`,
    'The files in the working directory are as they are now; look at them before you rely on what was said of them. The next message:',
    text,
  ].join('\n\n')
}

function render(said: readonly Said[]): string {
  const kept: string[] = []
  let room = mostChars
  for (const { text } of said.toReversed()) {
    room -= text.length + 1
    if (room < 0) break
    kept.unshift(text)
  }
  if (kept.length < said.length) kept.unshift(`[${said.length - kept.length} earlier entries are left out]`)
  return kept.join('\n')
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)} […]`)
