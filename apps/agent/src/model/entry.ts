import type { Price } from '@coppice/protocol/prices'

/** Which API an endpoint speaks. */
export type Maker = 'anthropic' | 'openai' | 'google'

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
