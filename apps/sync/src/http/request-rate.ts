import { getConnInfo } from '@hono/node-server/conninfo'
import { createMiddleware } from 'hono/factory'
import { LIMITS } from '../limits.ts'
import { RecentMap } from '../log/recent-map.ts'
import { TokenBucket } from '../token-bucket.ts'
import { refusal } from './asking.ts'

/** For the routes by which people sign in: so many requests a second from one address, past that 429. */
export function signInRate() {
  const buckets = new RecentMap<string, TokenBucket>(LIMITS.signInAddresses)
  return createMiddleware(async (c, next) => {
    const address = getConnInfo(c).remote.address ?? ''
    const bucket = buckets.get(address) ?? new TokenBucket(LIMITS.signInsEachSecond, LIMITS.rateSeconds)
    buckets.set(address, bucket)
    if (!bucket.take()) {
      const text = `Signing in may be tried ${LIMITS.signInsEachSecond} times a second from one address (signInsEachSecond). Wait a moment.`
      return refusal(c, 429, 'rate_limited', text, { 'Retry-After': '1' })
    }
    await next()
    return undefined
  })
}
