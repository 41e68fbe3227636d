import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Price } from '@coppice/protocol/prices'
import { z } from 'zod'

const perMillion = z.number().min(0)
const fileSchema = z.record(
  z.string(),
  z.object({
    input: perMillion,
    output: perMillion,
    cacheRead: perMillion.default(0),
    cacheWrite: perMillion.optional(),
  }),
)

/** Where a runner's own prices are: USD for a million tokens, by the model's id or name. They win over the table. */
export const ownPricesFile = (dataFolder: string): string => path.join(dataFolder, 'prices.json')

/**
 * Reads them anew, so that what was changed counts from the next turn on.
 * @param say told what is wrong with the file; then the table counts
 */
export async function ownPrices(dataFolder: string, say: (line: string) => void): Promise<Record<string, Price>> {
  const file = ownPricesFile(dataFolder)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return {}
  try {
    const found = fileSchema.parse(JSON.parse(text))
    return Object.fromEntries(
      Object.entries(found).map(([model, price]) => [model, { ...price, cacheWrite: price.cacheWrite ?? price.input }]),
    )
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error
    say(
      `${file} is not used, the table of prices is: ${error.message} It is JSON like {"openai/gpt-5": {"input": 1.25, "output": 10}}, in USD for a million tokens.`,
    )
    return {}
  }
}
