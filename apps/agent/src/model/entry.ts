/** Which API an endpoint speaks. */
export type Maker = 'anthropic' | 'openai' | 'google'

/** USD for a million tokens. */
export type Price = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** A model that can be asked. `id` is the maker and the endpoint's own name of it: `anthropic/claude-…`. */
export type ModelEntry = {
  readonly id: string
  readonly maker: Maker
  readonly modelId: string
  readonly name: string
  /** Tokens that its context holds. */
  readonly window: number
  /** Tokens of one answer, where the endpoint must be told. */
  readonly longestAnswer?: number
  readonly price?: Price
}
