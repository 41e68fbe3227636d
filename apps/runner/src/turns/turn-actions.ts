import {
  actionsIn,
  LIMITS,
  type Action,
  type ActionAnswer,
  type KnownObservation,
  type ObservationData,
  type SessionState,
} from '@coppice/events'
import type { z } from 'zod'
import { derivedId } from '../derived-id.ts'
import { answered, done, failed, turnStopped } from '../session-tools/answers.ts'
import { noteSchema, tools, type ToolAnswer, type ToolName } from '../session-tools/tools.ts'

type Parts = {
  readonly turnId: string
  /** What ids are derived from: another one for each process that the turn is worked on by. */
  readonly seed: string
  readonly state: () => SessionState
  readonly observe: <T extends KnownObservation['type']>(type: T, data: ObservationData<T>, step: string) => void
}
/** Largest data of one `log_event`, characters of JSON. */
const mostNote = 8_000

/** What an agent puts before people in one turn, by a tool or by a block of its text: told to the log; answers go back to it. */
export class TurnActions {
  readonly #parts: Parts
  readonly #waiting = new Map<string, (answer: ActionAnswer | undefined) => void>()
  #count = 0
  #offered = 0
  #closed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A call of one of our tools. `signal` says that the agent no longer waits for the answer. */
  async call(name: ToolName, input: unknown, signal: AbortSignal): Promise<ToolAnswer> {
    if (this.#closed) return turnStopped
    const parsed = tools[name].schema.safeParse(input)
    if (!parsed.success) return failed(`The input of ${name} does not fit: ${issuesOf(parsed.error)}. Call it again.`)
    if (name === 'log_event') return this.#note(noteSchema.parse(input))
    const action = { ...parsed.data, kind: name } as Action
    if (this.#isFull())
      return failed(
        `${LIMITS.openActions} questions, plans and tickets are open already. Go on without, or end your turn.`,
      )
    if (action.kind === 'ask_question') return this.#ask(action, signal)
    this.#offer(action, false)
    return done(
      action.kind === 'create_plan'
        ? 'The plan is shown. People edit it and start from it when they want to. End your turn now.'
        : 'The ticket is proposed; people decide on it. Go on.',
    )
  }

  /** A message of the agent is whole: its blocks become what the tools would have made of them (MA-4). */
  said(messageId: string, text: string): void {
    if (!text.includes('coppice:')) return
    for (const { block, action } of actionsIn(text)) {
      // One too many stays text in the message.
      if (this.#isFull()) return
      this.#offered += 1
      this.#parts.observe(
        'action.offered',
        {
          actionId: derivedId(messageId, 'block', block),
          turnId: this.#parts.turnId,
          action,
          waits: false,
          messageId,
          block,
        },
        `block:${messageId}:${block}`,
      )
    }
  }

  /** The log holds an answer. */
  answered(actionId: string, answer: ActionAnswer): void {
    this.#waiting.get(actionId)?.(answer)
  }

  /** Nothing of this turn goes on. What is asked stays open: its answer will come as a message. */
  close(): void {
    this.#closed = true
    for (const settle of this.#waiting.values()) settle(undefined)
  }

  async #ask(action: Action, signal: AbortSignal): Promise<ToolAnswer> {
    const { observe, turnId } = this.#parts
    const actionId = this.#offer(action, true)
    const given = await new Promise<ActionAnswer | undefined>((resolve) => {
      this.#waiting.set(actionId, resolve)
      signal.addEventListener('abort', () => {
        // The end of the agent's patience: the question is still worth an answer.
        if (!this.#closed && this.#waiting.has(actionId))
          observe('action.detached', { actionId }, `detached:${actionId}`)
        resolve(undefined)
      })
    })
    this.#waiting.delete(actionId)
    if (given === undefined) return turnStopped
    observe('action.taken', { actionId, turnId }, `taken:${actionId}`)
    return answered(given)
  }

  #offer(action: Action, waits: boolean): string {
    const { observe, turnId } = this.#parts
    this.#count += 1
    this.#offered += 1
    observe('action.offered', { actionId: this.#lastId, turnId, action, waits }, `action:${this.#count}`)
    return this.#lastId
  }

  get #lastId(): string {
    return derivedId(this.#parts.seed, 'action', this.#count)
  }

  /** Those of this turn count too, as long as the log does not have them yet. */
  #isFull(): boolean {
    const { actions } = this.#parts.state()
    const earlier = actions.filter((one) => one.turnId !== this.#parts.turnId).length
    return earlier + this.#offered >= LIMITS.openActions
  }

  #note({ event, data }: z.infer<typeof noteSchema>): ToolAnswer {
    if (JSON.stringify(data).length > mostNote)
      return failed(`The data of an event has at most ${mostNote} characters.`)
    const { observe, turnId, seed } = this.#parts
    this.#count += 1
    const noteId = derivedId(seed, 'note', this.#count)
    observe('agent.noted', { noteId, turnId, event, data }, `note:${this.#count}`)
    return done('It is in the record.')
  }
}

function issuesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
}
