/**
 * Prices of models, USD for a million tokens, for agents that tell tokens and no money. They change: a file of the runner's, or
 * COPPICE_CODE_PRICES, overrides them. A model that is not here has no price, and its cost is said to be unknown.
 */
export type Price = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** When the prices below were looked up. */
export const pricesAsOf = '2025-09'

const usd = (input: number, output: number, cacheRead: number, cacheWrite = input): Price => ({
  input,
  output,
  cacheRead,
  cacheWrite,
})

/** By the model's own name; the first match wins. */
const table: readonly (readonly [RegExp, Price])[] = [
  [/^claude-opus-4(-[01])?(-\d{8})?$/, usd(15, 75, 1.5, 18.75)],
  [/^claude-sonnet-4(-[05])?(-\d{8})?$/, usd(3, 15, 0.3, 3.75)],
  [/^gpt-5-nano/, usd(0.05, 0.4, 0.005)],
  [/^gpt-5-mini/, usd(0.25, 2, 0.025)],
  [/^gpt-5(-2025.*|-codex)?$/, usd(1.25, 10, 0.125)],
  [/^gemini-2\.5-flash$/, usd(0.3, 2.5, 0.03)],
]

/**
 * The price of a model, by its id as an agent has it (`anthropic/claude-…`, `claude-…`, `openai/gpt-5/high`).
 * @param own what a person says; by the whole id, or the model's own name
 */
export function priceOf(model: string, own: Readonly<Record<string, Price>> = {}): Price | undefined {
  const parts = model.split('/')
  const names = [model, ...parts.slice(1), ...parts.slice(0, 1)]
  for (const name of names) if (Object.hasOwn(own, name)) return own[name]
  for (const name of names) {
    const known = table.find(([pattern]) => pattern.test(name))
    if (known) return known[1]
  }
  return undefined
}

/** Tokens of the four kinds that have prices. */
export type PricedTokens = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** USD for some tokens. */
export const costAt = (price: Price, tokens: PricedTokens): number =>
  (tokens.input * price.input +
    tokens.output * price.output +
    tokens.cacheRead * price.cacheRead +
    tokens.cacheWrite * price.cacheWrite) /
  1_000_000
