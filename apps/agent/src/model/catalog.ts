import { z } from 'zod'
import type { Endpoint, Endpoints } from './endpoints.ts'
import type { Maker, ModelEntry } from './entry.ts'
import { entryOf } from './known-models.ts'
import type { OwnFigures } from './known-models.ts'

const askWithinMs = 8_000
const mostModels = 100

/** The models that can be asked, and what kept others away, for a person. */
export type Catalog = { readonly models: readonly ModelEntry[]; readonly problems: readonly string[] }

/** Asks every endpoint which models it has. COPPICE_CODE_MODELS (ids with a comma between) names them instead. */
export async function askForModels(endpoints: Endpoints, env: NodeJS.ProcessEnv): Promise<Catalog> {
  const own = ownFigures(env)
  const named = (env['COPPICE_CODE_MODELS'] ?? '').split(',').flatMap((id) => modelOf(id.trim(), endpoints, own) ?? [])
  if (named.length > 0) return { models: named.slice(0, mostModels), problems: [] }
  const makers = (['anthropic', 'openai', 'google'] as const).flatMap((maker) => {
    const endpoint = endpoints[maker]
    return endpoint ? [{ maker, endpoint }] : []
  })
  const answers = await Promise.all(makers.map(({ maker, endpoint }) => modelsAt(maker, endpoint, own)))
  return {
    models: answers.flatMap(({ models }) => models).slice(0, mostModels),
    problems: answers.flatMap(({ problems }) => problems),
  }
}

/** The model with an id, listed or not: endpoints have more models than they list. */
export function modelOf(id: string, endpoints: Endpoints, own: OwnFigures): ModelEntry | undefined {
  const [maker = '', ...rest] = id.split('/')
  if (maker !== 'anthropic' && maker !== 'openai' && maker !== 'google') return undefined
  return endpoints[maker] && rest.length > 0 ? entryOf(maker, rest.join('/'), {}, own) : undefined
}

const priceSchema = z.object({
  input: z.number().min(0),
  output: z.number().min(0),
  cacheRead: z.number().min(0).default(0),
  cacheWrite: z.number().min(0).default(0),
})

/** @throws with words for a person where a setting cannot be read */
export function ownFigures(env: NodeJS.ProcessEnv): OwnFigures {
  const window = Number(env['COPPICE_CODE_WINDOW'] ?? '')
  const prices = env['COPPICE_CODE_PRICES']
  return {
    ...(Number.isInteger(window) && window > 0 ? { window } : {}),
    ...(prices ? { prices: readPrices(prices) } : {}),
  }
}

function readPrices(text: string): NonNullable<OwnFigures['prices']> {
  try {
    return z.record(z.string(), priceSchema).parse(JSON.parse(text))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(
      `COPPICE_CODE_PRICES cannot be read. It is JSON: {"openai/gpt-5": {"input": 1.25, "output": 10}}, in USD for a million tokens. ${why}`,
      { cause: error },
    )
  }
}

/** The lists differ a little; this is what we look at in any of them. */
const listSchema = z.object({
  data: z
    .array(
      z.looseObject({
        id: z.string(),
        display_name: z.string().optional(),
        max_input_tokens: z.number().optional(),
        max_tokens: z.number().optional(),
        context_length: z.number().optional(),
        max_model_len: z.number().optional(),
      }),
    )
    .optional(),
  models: z
    .array(
      z.looseObject({
        name: z.string(),
        displayName: z.string().optional(),
        inputTokenLimit: z.number().optional(),
        supportedGenerationMethods: z.array(z.string()).optional(),
      }),
    )
    .optional(),
})

async function modelsAt(maker: Maker, { baseURL, apiKey }: Endpoint, own: OwnFigures): Promise<Catalog> {
  const headers: Record<string, string> =
    maker === 'anthropic'
      ? { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' }
      : maker === 'google'
        ? { 'x-goog-api-key': apiKey }
        : { authorization: `Bearer ${apiKey}` }
  const limit = maker === 'anthropic' ? '?limit=100' : maker === 'google' ? '?pageSize=200' : ''
  const failed = (why: string): Catalog => ({ models: [], problems: [`${baseURL} did not list its models: ${why}`] })
  try {
    const response = await fetch(`${baseURL}/models${limit}`, { headers, signal: AbortSignal.timeout(askWithinMs) })
    if (response.status === 401 || response.status === 403)
      return failed(`it does not accept the key (${response.status}). Check ${keyOf[maker]}.`)
    if (!response.ok) return failed(`status ${response.status}.`)
    const list = listSchema.parse(await response.json())
    return { models: entriesOf(maker, list, own), problems: [] }
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return failed('what it answered is no list of models.')
    return failed(error instanceof Error ? error.message : String(error))
  }
}

const keyOf: Readonly<Record<Maker, string>> = {
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  google: 'GEMINI_API_KEY',
}

/** Models of other trades that endpoints list beside those that converse. */
const otherTrades =
  /embed|whisper|tts|audio|realtime|moderation|dall-e|image|transcri|davinci|babbage|veo|imagen|aqa|search|sora/i

function entriesOf(
  maker: Maker,
  { data = [], models = [] }: z.infer<typeof listSchema>,
  own: OwnFigures,
): ModelEntry[] {
  const listed = data.map((one) => {
    const window = one.max_input_tokens ?? one.context_length ?? one.max_model_len
    return entryOf(
      maker,
      one.id,
      {
        ...(one.display_name ? { name: one.display_name } : {}),
        ...(window ? { window } : {}),
        ...(one.max_tokens ? { longestAnswer: one.max_tokens } : {}),
      },
      own,
    )
  })
  const ofGoogle = models
    .filter((one) => one.supportedGenerationMethods?.includes('generateContent') ?? true)
    .map((one) =>
      entryOf(
        maker,
        one.name.replace(/^models\//, ''),
        {
          ...(one.displayName ? { name: one.displayName } : {}),
          ...(one.inputTokenLimit ? { window: one.inputTokenLimit } : {}),
        },
        own,
      ),
    )
  return [...listed, ...ofGoogle].filter((one) => !otherTrades.test(one.modelId))
}
