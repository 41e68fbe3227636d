import { priceOf } from '@coppice/protocol/prices'
import type { Price } from '@coppice/protocol/prices'
import type { Maker, ModelEntry } from './entry.ts'

/** What endpoints do not tell of a model: its window in tokens. First match wins. */
const families: readonly {
  readonly maker: Maker
  readonly name: RegExp
  readonly window: number
  readonly longestAnswer?: number
}[] = [
  {
    maker: 'anthropic',
    name: /claude-opus-4(-[01])?(-\d{8})?$/,
    window: 200_000,
    longestAnswer: 32_000,
  },
  {
    maker: 'anthropic',
    name: /claude-sonnet-4(-[05])?(-\d{8})?$/,
    window: 200_000,
    longestAnswer: 32_000,
  },
  { maker: 'anthropic', name: /claude-3-[57]/, window: 200_000, longestAnswer: 8_192 },
  { maker: 'anthropic', name: /claude-3/, window: 200_000, longestAnswer: 4_096 },
  { maker: 'anthropic', name: /./, window: 200_000, longestAnswer: 32_000 },
  { maker: 'openai', name: /^gpt-5-nano/, window: 272_000 },
  { maker: 'openai', name: /^gpt-5-mini/, window: 272_000 },
  { maker: 'openai', name: /^gpt-5(-2025.*|-codex)?$/, window: 272_000 },
  { maker: 'openai', name: /^gpt-5/, window: 272_000 },
  { maker: 'openai', name: /^gpt-4\.1/, window: 1_000_000 },
  { maker: 'openai', name: /^o\d/, window: 200_000 },
  { maker: 'openai', name: /./, window: 128_000 },
  { maker: 'google', name: /^gemini-2\.5-flash$/, window: 1_048_576 },
  { maker: 'google', name: /./, window: 1_048_576 },
]

/** What an endpoint said of a model, with what is known of its family filled in. */
export function entryOf(
  maker: Maker,
  modelId: string,
  said: { readonly name?: string; readonly window?: number; readonly longestAnswer?: number } = {},
  own: OwnFigures = {},
): ModelEntry {
  const family = families.find((one) => one.maker === maker && one.name.test(modelId))
  const longestAnswer = maker === 'anthropic' ? (said.longestAnswer ?? family?.longestAnswer) : undefined
  const price = priceOf(`${maker}/${modelId}`, own.prices)
  return {
    id: `${maker}/${modelId}`,
    maker,
    modelId,
    name: said.name ?? modelId,
    window: own.window ?? said.window ?? family?.window ?? 128_000,
    ...(longestAnswer ? { longestAnswer } : {}),
    ...(price ? { price } : {}),
  }
}

/** What a person says of the models: COPPICE_CODE_WINDOW (tokens) and COPPICE_CODE_PRICES (JSON by model). */
export type OwnFigures = { readonly window?: number; readonly prices?: Readonly<Record<string, Price>> }
