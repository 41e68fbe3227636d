import type { Price } from './entry.ts'
import type { TokenUse } from './model.ts'

/** USD for some tokens; nothing where the price is not known. */
export function costOf(use: TokenUse, price: Price | undefined): number | undefined {
  if (!price) return undefined
  const millionths =
    use.input * price.input +
    use.output * price.output +
    use.cacheRead * price.cacheRead +
    use.cacheWrite * price.cacheWrite
  return millionths / 1_000_000
}
