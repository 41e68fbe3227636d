import type { Spent, Usage } from '@coppice/events'
import { nothingSpent, spend } from '@coppice/events'
import { costAt } from '@coppice/protocol/prices'
import type { Price } from '@coppice/protocol/prices'
import type { ReportedUsage } from '../agents/happenings.ts'

/** For an estimate, where an agent tells nothing. */
const charsPerToken = 4

const counted = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const
/** Lengths of what was asked and answered, for an estimate. */
type Chars = { readonly asked: number; readonly answered: number }
type Counted = Record<(typeof counted)[number], number>
const nothing: Counted = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }

/**
 * What one turn takes, and which row of the conversation each part of it belongs to (M-15): what the agent reports between two
 * things that it says or does goes to the first of them that is there.
 *
 * The ladder: tokens as the agent reports them, with each call or at the end; else estimated from the length of the texts, and
 * said so. Money as the agent reports it; else tokens times the model's price; else none.
 */
export class UsageMeter {
  readonly #of: { readonly provider: string; readonly model: string }
  readonly #price: Price | undefined
  readonly #measured: (itemId: string, usage: Usage) => void
  /** Of the prompts of this turn that were answered; then of the one that is running. */
  #before: ReportedUsage = {}
  #now: ReportedUsage = {}
  #told = { ...nothing, usd: 0, context: '' }
  #last: string
  #taken: Spent = nothingSpent

  /**
   * @param fallback the row that it belongs to where the agent said and did nothing
   * @param measured told of every part, once
   */
  constructor(
    of: { readonly provider: string; readonly model: string },
    price: Price | undefined,
    fallback: string,
    measured: (itemId: string, usage: Usage) => void,
  ) {
    this.#of = { provider: of.provider, model: of.model }
    this.#price = price
    this.#last = fallback
    this.#measured = measured
  }

  /** All that the prompt that is running took so far. */
  reported(usage: ReportedUsage): void {
    this.#now = usage
  }

  /** The prompt was answered; another one may follow in the same turn. */
  answered(usage: ReportedUsage): void {
    this.#before = added(this.#before, { ...this.#now, ...usage })
    this.#now = {}
  }

  /** A row of the conversation is there. */
  at(itemId: string): void {
    this.#last = itemId
    this.#tell(this.#total(), 'reported')
  }

  /** What the turn took, with what was not told yet. */
  get taken(): Spent {
    const left = this.#left(this.#total(), 'reported')
    return left ? spend(this.#taken, left) : this.#taken
  }

  /** What of all of it was not told yet, as {@link end} would tell it; undefined for nothing. */
  left(chars: Chars): Usage | undefined {
    const { total, source } = this.#whole(chars)
    return this.#left(total, source)
  }

  /**
   * The turn is over: tells what is left.
   * @returns all of it
   */
  end(chars: Chars): Usage {
    const { total, source } = this.#whole(chars)
    this.#tell(total, source)
    return this.#usage(countedIn(total), this.#usd(total), total, source)
  }

  #whole({ asked, answered }: Chars): { total: ReportedUsage; source: Usage['source'] } {
    const total = this.#total()
    if (total.inputTokens !== undefined || total.outputTokens !== undefined) return { total, source: 'reported' }
    const inputTokens = Math.ceil(asked / charsPerToken)
    return { total: { ...total, inputTokens, outputTokens: Math.ceil(answered / charsPerToken) }, source: 'estimated' }
  }

  #total(): ReportedUsage {
    return added(this.#before, this.#now)
  }

  #usd(total: ReportedUsage): number {
    if (total.usd !== undefined) return total.usd
    if (!this.#price) return 0
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = countedIn(total)
    const tokens = {
      input: inputTokens,
      output: outputTokens,
      cacheRead: cacheReadTokens,
      cacheWrite: cacheWriteTokens,
    }
    return costAt(this.#price, tokens)
  }

  /** What of the total was not told yet; undefined for nothing. */
  #left(total: ReportedUsage, source: Usage['source']): Usage | undefined {
    const all = countedIn(total)
    const less = (key: keyof Counted): number => Math.max(0, all[key] - this.#told[key])
    const part = Object.fromEntries(counted.map((key) => [key, less(key)])) as Counted
    const usd = Math.max(0, this.#usd(total) - this.#told.usd)
    const changed = counted.some((key) => part[key] > 0) || usd > 0 || contextOf(total) !== this.#told.context
    return changed ? this.#usage(part, usd, total, source) : undefined
  }

  #tell(total: ReportedUsage, source: Usage['source']): void {
    const left = this.#left(total, source)
    if (!left) return
    this.#taken = spend(this.#taken, left)
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = countedIn(total)
    this.#told = {
      inputTokens: Math.max(inputTokens, this.#told.inputTokens),
      outputTokens: Math.max(outputTokens, this.#told.outputTokens),
      cacheReadTokens: Math.max(cacheReadTokens, this.#told.cacheReadTokens),
      cacheWriteTokens: Math.max(cacheWriteTokens, this.#told.cacheWriteTokens),
      usd: Math.max(this.#usd(total), this.#told.usd),
      context: contextOf(total),
    }
    this.#measured(this.#last, left)
  }

  #usage(tokens: Counted, usd: number, total: ReportedUsage, source: Usage['source']): Usage {
    return {
      ...this.#of,
      ...tokens,
      usd,
      source,
      ...(total.usd === undefined && this.#price !== undefined && { priced: true }),
      ...(total.contextUsed === undefined ? {} : { contextUsed: total.contextUsed }),
      ...(total.contextLimit === undefined ? {} : { contextLimit: total.contextLimit }),
    }
  }
}

const contextOf = ({ contextUsed, contextLimit }: ReportedUsage): string =>
  contextUsed === undefined ? '' : `${contextUsed}/${contextLimit ?? ''}`

const countedIn = (usage: ReportedUsage): Counted => ({
  inputTokens: usage.inputTokens ?? 0,
  outputTokens: usage.outputTokens ?? 0,
  cacheReadTokens: usage.cacheReadTokens ?? 0,
  cacheWriteTokens: usage.cacheWriteTokens ?? 0,
})

/** Numbers that were said by neither stay unsaid. */
function added(a: ReportedUsage, b: ReportedUsage): ReportedUsage {
  const sums = ([...counted, 'usd'] as const).flatMap((key) =>
    a[key] === undefined && b[key] === undefined ? [] : [[key, (a[key] ?? 0) + (b[key] ?? 0)]],
  )
  return { ...a, ...b, ...Object.fromEntries(sums) }
}
