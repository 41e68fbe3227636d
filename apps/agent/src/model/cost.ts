import { costAt } from '@coppice/protocol/prices'
import type { Price } from '@coppice/protocol/prices'
import type { TokenUse } from './model.ts'

/** USD for some tokens; nothing where the price is not known. */
export const costOf = (use: TokenUse, price: Price | undefined): number | undefined =>
  price === undefined ? undefined : costAt(price, use)
