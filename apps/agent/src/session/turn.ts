import type { StopReason } from '@agentclientprotocol/sdk/unstable'
import { pricesAsOf } from '@coppice/protocol/prices'
import { callsIn, unanswered } from '../conversation.ts'
import type { AssistantPart, Message, ToolAnswer, UserPart } from '../conversation.ts'
import { LIMITS } from '../limits.ts'
import { costOf } from '../model/cost.ts'
import type { ModelEntry } from '../model/entry.ts'
import { ModelFailure } from '../model/failure.ts'
import { addTokens, noTokens, tokensTaken } from '../model/model.ts'
import type { AskModel, ModelAnswer, TokenUse } from '../model/model.ts'
import { withRetries } from '../model/retry.ts'
import type { ClientView } from '../protocol/client-view.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import { compact, isFull, roughTokens } from './compaction.ts'
import type { ConversationLog } from './conversation-log.ts'
import type { Mode } from './modes.ts'
import { runCalls } from './step-calls.ts'

export type TurnParts = {
  readonly log: ConversationLog
  readonly model: ModelEntry
  readonly ask: AskModel
  readonly view: ClientView
  readonly tools: readonly Tool[]
  readonly context: Omit<ToolContext, 'progress' | 'signal'>
  readonly signal: AbortSignal
  readonly allowed: Set<string>
  mode(): Mode
  system(): string
  /** What a person said meanwhile; it is taken. */
  steered(): readonly UserPart[][]
}

export type TurnEnd = { readonly stopReason: StopReason; readonly use: TokenUse }

/** The driver stops the turn instead of letting the model be called. */
class CallNotAllowed extends Error {}

/** One prompt to its end: the model is asked, its calls are done and answered, until it has nothing more to call. */
export class Turn {
  readonly #parts: TurnParts
  readonly #ask: AskModel
  #use = noTokens
  #compactions = 0
  #fruitless = 0
  #lastStep = ''

  constructor(parts: TurnParts) {
    this.#parts = parts
    const ask = withRetries(parts.ask, (failure, attempt, waitMs) => {
      const wait = waitMs >= 1_000 ? `in ${Math.round(waitMs / 1_000)} s` : 'now'
      parts.view.think(`${failure.message}\nTrying again ${wait} (${attempt} of ${LIMITS.retries}).\n`)
    })
    this.#ask = async (request, streamed) => {
      if (!(await parts.view.mayCallModel(parts.signal))) throw new CallNotAllowed()
      return ask(request, streamed)
    }
  }

  /** @throws {ModelFailure} where the model could not be asked; everything up to there is kept */
  async run(prompt: readonly UserPart[]): Promise<TurnEnd> {
    const { log, signal } = this.#parts
    await log.add({ role: 'user', parts: prompt })
    try {
      for (let step = 0; step < LIMITS.stepsPerTurn; step += 1) {
        await this.#takeSteering()
        const answer = await this.#answer()
        await this.#step(answer)
        const calls = callsIn({ role: 'assistant', parts: answer.parts })
        if (signal.aborted) return this.#end('cancelled')
        if (answer.finish === 'refused') return this.#end('refusal')
        if (calls.length > 0) {
          if (this.#fruitless < LIMITS.fruitlessSteps) continue
          this.#parts.view.say(
            '\n\nI stopped: the same step came to nothing several times in a row. Tell me how to go on, or choose another model.',
          )
          return this.#end('max_turn_requests')
        }
        if (answer.finish === 'length') return this.#end('max_tokens')
        if (!(await this.#takeSteering())) return this.#end('end_turn')
      }
      return this.#end('max_turn_requests')
    } catch (error) {
      if (signal.aborted || error instanceof CallNotAllowed) return this.#end('cancelled')
      throw error
    }
  }

  /** Summarises the conversation because a person wants it. */
  async compactNow(): Promise<TurnEnd> {
    if (this.#parts.log.messages.length > 2) await this.#compact()
    else this.#parts.view.say('There is nothing to summarise yet.')
    return this.#end(this.#parts.signal.aborted ? 'cancelled' : 'end_turn')
  }

  #end(stopReason: StopReason): TurnEnd {
    return { stopReason, use: this.#use }
  }

  /** @returns whether there was something. */
  async #takeSteering(): Promise<boolean> {
    const steered = this.#parts.steered()
    for (const parts of steered) await this.#parts.log.add({ role: 'user', parts })
    return steered.length > 0
  }

  async #answer(): Promise<ModelAnswer> {
    const { log, model } = this.#parts
    if (isFull(log, model) && this.#compactions < 3) await this.#compact()
    try {
      return await this.#askOnce()
    } catch (error) {
      if (!(error instanceof ModelFailure) || error.code !== 'context_full' || this.#compactions >= 3) throw error
      // The endpoint counts better than we do.
      if (!(await this.#compact())) throw error
      return this.#askOnce()
    }
  }

  async #askOnce(): Promise<ModelAnswer> {
    const { log, model, view, tools, signal } = this.#parts
    const streamed: AssistantPart[] = []
    try {
      return await this.#ask(
        { model, system: this.#parts.system(), messages: log.messages, tools, signal },
        ({ kind, text }) => {
          if (signal.aborted) return
          if (kind === 'text') {
            view.say(text)
            streamed.push({ kind, text })
          } else view.think(text)
        },
      )
    } catch (error) {
      // What a person read before they stopped it was said, and stays in the conversation.
      const said = streamed.map((part) => (part.kind === 'text' ? part.text : '')).join('')
      if (signal.aborted && said !== '') await log.add({ role: 'assistant', parts: [{ kind: 'text', text: said }] })
      throw error
    }
  }

  /** Keeps an answer, does its calls, keeps what came of them. */
  async #step(answer: ModelAnswer): Promise<void> {
    const { log, signal } = this.#parts
    await this.#account(answer)
    if (answer.parts.length === 0) return
    const message: Message = { role: 'assistant', parts: answer.parts }
    await log.add(message)
    const calls = callsIn(message)
    if (calls.length === 0) return
    const answers = signal.aborted
      ? calls.map((call) => unanswered(call))
      : await runCalls(calls, {
          ...this.#parts,
          tools: new Map(this.#parts.tools.map((tool) => [tool.name, tool])),
          mode: () => this.#parts.mode(),
        })
    await log.add({ role: 'tool', answers })
    this.#notice(
      answers,
      JSON.stringify([calls.map(({ tool, input }) => [tool, input]), answers.map(({ text }) => text)]),
    )
  }

  /** Counts steps that lead nowhere: nothing but failures of the same kind, or exactly the same step again. */
  #notice(answers: readonly ToolAnswer[], step: string): void {
    const malformed = answers.every(({ failed, text }) => failed && /^(There is no tool|The input of)/.test(text))
    this.#fruitless = malformed || step === this.#lastStep ? this.#fruitless + 1 : 0
    this.#lastStep = step
  }

  async #account({ use, parts }: ModelAnswer): Promise<void> {
    const { log, model, view } = this.#parts
    this.#use = addTokens(this.#use, use)
    const cost = costOf(use, model.price)
    const taken = tokensTaken(use) || roughTokens(JSON.stringify([log.messages, parts]).length)
    await log.spent(log.usd + (cost ?? 0), taken)
    view.update({
      sessionUpdate: 'usage_update',
      used: taken,
      size: model.window,
      ...(cost === undefined ? {} : { cost: { amount: log.usd, currency: 'USD' } }),
      // The protocol tells tokens of a whole turn only; whoever keeps them by message takes them from here.
      _meta: {
        ...(cost === undefined ? {} : { pricesAsOf }),
        call: {
          inputTokens: use.input,
          outputTokens: use.output,
          cachedReadTokens: use.cacheRead,
          cachedWriteTokens: use.cacheWrite,
        },
      },
    })
  }

  /** @returns whether it worked. A failure is told; the conversation stays as it was. */
  async #compact(): Promise<boolean> {
    const { log, model, view, signal, context } = this.#parts
    this.#compactions += 1
    const toolCallId = `compact-${log.whole.length}-${this.#compactions}`
    view.update({
      sessionUpdate: 'tool_call',
      toolCallId,
      title: 'Summarise the conversation',
      kind: 'other',
      status: 'in_progress',
    })
    const end = (status: 'completed' | 'failed', text: string): void =>
      view.update({
        sessionUpdate: 'tool_call_update',
        toolCallId,
        status,
        content: [{ type: 'content', content: { type: 'text', text } }],
      })
    try {
      const { summary, use } = await compact(log, model, this.#ask, signal)
      context.seen.forget()
      this.#use = addTokens(this.#use, use)
      await log.spent(log.usd + (costOf(use, model.price) ?? 0), 0)
      end('completed', summary)
      return true
    } catch (error) {
      if (signal.aborted) throw error
      if (!(error instanceof ModelFailure)) throw error
      end('failed', `The conversation is nearly full and could not be summarised: ${error.message}`)
      return false
    }
  }
}
