import { userText } from '../conversation.ts'
import type { Message } from '../conversation.ts'
import { LIMITS } from '../limits.ts'
import type { ModelEntry } from '../model/entry.ts'
import { ModelFailure } from '../model/failure.ts'
import type { AskModel, TokenUse } from '../model/model.ts'
import type { ConversationLog } from './conversation-log.ts'

const charsPerToken = 3.5

/** Tokens of some text, roughly: for deciding, never for billing. */
export function roughTokens(chars: number): number {
  return Math.ceil(chars / charsPerToken)
}

/** Whether the next request would come near the end of the model's context. `used`: as the endpoint counted it last. */
export function isFull(log: ConversationLog, model: ModelEntry): boolean {
  const counted = log.used > 0 ? log.used : roughTokens(sizeOf(log.messages))
  return counted > model.window * LIMITS.compactAt && log.messages.length > 2
}

/**
 * Lets the model summarise the conversation, and puts the summary in its place; the newest messages stay as they are.
 * @throws {ModelFailure} and leaves the conversation as it was
 */
export async function compact(
  log: ConversationLog,
  model: ModelEntry,
  ask: AskModel,
  signal: AbortSignal,
): Promise<{ readonly summary: string; readonly use: TokenUse }> {
  const kept = newestToKeep(log.messages, model)
  const old = log.messages.slice(0, log.messages.length - kept)
  const room = Math.floor(model.window * 0.6 * charsPerToken)
  const told = shortened(rendered(old), room)
  const { parts, use } = await ask(
    { model, system: summarySystem, messages: [userText(`${told}\n\n${summaryRequest}`)], tools: [], signal },
    () => undefined,
  )
  const summary = parts
    .flatMap((part) => (part.kind === 'text' ? [part.text] : []))
    .join('')
    .trim()
  if (summary === '') throw new ModelFailure('refused', 'The model gave no summary.')
  await log.compact(userText(`${summaryHead}\n\n${summary}`), kept)
  return { summary, use }
}

/** How many of the newest messages stay: they begin with an answer of the model, whose calls and results stay together. */
function newestToKeep(messages: readonly Message[], model: ModelEntry): number {
  const room = model.window * LIMITS.keptAfterCompaction * charsPerToken
  let [kept, chars] = [0, 0]
  for (let at = messages.length - 1; at > 0; at -= 1) {
    const message = messages[at]
    if (!message) break
    chars += sizeOf([message])
    if (chars > room) break
    if (message.role === 'assistant') kept = messages.length - at
  }
  // What the person asked last must not be only in the summary.
  const last = messages.at(-1)
  return kept === 0 && last?.role === 'user' && sizeOf([last]) < 2 * room ? 1 : kept
}

function sizeOf(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + rendered([message]).length, 0)
}

/** The conversation as text: any model reads that, whatever tools it was had with. */
function rendered(messages: readonly Message[]): string {
  return messages
    .map((message) => {
      if (message.role === 'user')
        return `<person>\n${message.parts.map((part) => (part.kind === 'text' ? part.text : '(a picture)')).join('\n')}\n</person>`
      if (message.role === 'tool')
        return message.answers
          .map((answer) => `<result tool="${answer.tool}"${answer.failed ? ' failed' : ''}>\n${answer.text}\n</result>`)
          .join('\n')
      return message.parts
        .map((part) =>
          part.kind === 'call'
            ? `<call tool="${part.tool}">${JSON.stringify(part.input)}</call>`
            : part.kind === 'text'
              ? `<agent>\n${part.text}\n</agent>`
              : '',
        )
        .filter(Boolean)
        .join('\n')
    })
    .join('\n')
}

/** The beginning holds what was asked, the end what is going on: the middle goes first. */
function shortened(text: string, room: number): string {
  if (text.length <= room) return text
  const head = Math.floor(room / 4)
  return `${text.slice(0, head)}\n… (${text.length - room} characters are left out here) …\n${text.slice(text.length - (room - head))}`
}

const summarySystem =
  'You write hand-over notes for a software engineer who takes over a task in the middle and will see nothing but these notes and the files. You answer with the notes only.'

const summaryRequest = `Above is the conversation so far. Write the notes. Keep exactly, in these sections:

1. The task: everything that the person asked for and every wish and correction they expressed, in their own words where these matter.
2. What was done: files changed and why, commands that matter and what came of them.
3. What is known: facts about this code base that took effort to find (paths, names, how to build and test).
4. Where it stands: what was being done at the end, what failed, and the next step.

Leave out what can be read again in the files. No praise, no invention.`

const summaryHead =
  '(The conversation became too long for the model and was summarised. What follows are notes on all that was said and done before; files are as they are on the disk, and must be read again before they are changed.)'
