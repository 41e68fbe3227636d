import type { FromClient } from '@coppice/protocol'
import { LIMITS } from '../limits.ts'
import { TokenBucket } from '../token-bucket.ts'

const { rateSeconds } = LIMITS

/** How often one connection may send what, by the limit's name and in words. */
const KINDS = {
  commandsEachSecond: 'commands and observations',
  liveEachSecond: 'live messages',
  queriesEachSecond: 'questions',
  headsEachSecond: 'tree heads',
  proofsEachSecond: 'requests for proof',
  requestsEachSecond: 'other messages',
} as const
type Kind = keyof typeof KINDS

/** How often one connection sends what. */
export class Rates {
  readonly #buckets = new Map<Kind, TokenBucket>()

  /** Why a message is more than is taken in its time; undefined while it is not. */
  excess(message: FromClient): string | undefined {
    const [kind, count] = weigh(message)
    let bucket = this.#buckets.get(kind)
    if (bucket === undefined) this.#buckets.set(kind, (bucket = new TokenBucket(LIMITS[kind], rateSeconds)))
    if (bucket.take(count)) return undefined
    return `A connection may send ${LIMITS[kind]} ${KINDS[kind]} a second (${kind}), and ${rateSeconds} seconds of that at once.`
  }
}

function weigh(message: FromClient): readonly [Kind, number] {
  switch (message.t) {
    case 'push':
      return ['commandsEachSecond', message.commands.length]
    case 'observe':
      return ['commandsEachSecond', message.events.length]
    case 'live':
    case 'activity':
    case 'queryResult':
      return ['liveEachSecond', 1]
    case 'query':
      return ['queriesEachSecond', 1]
    case 'headSeen':
      return ['headsEachSecond', 1]
    case 'prove':
      return ['proofsEachSecond', 1]
    default:
      return ['requestsEachSecond', 1]
  }
}
