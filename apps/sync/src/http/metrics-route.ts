import { atLeast } from '@coppice/events'
import { Hono } from 'hono'
import type { Directory } from '../access/directory.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Identify } from '../sign-in/identify.ts'
import { someoneSignedIn, refusal, type AskingEnv } from './asking.ts'

/** `/metrics` in Prometheus' text format, for owners and admins of this server: their token is the scraper's. */
export function metricsRoute(identify: Identify, directory: Directory, metrics: Metrics): Hono<AskingEnv> {
  const app = new Hono<AskingEnv>()
  app.use('*', someoneSignedIn(identify))
  app.get('/', (c) => {
    const { principal } = c.var
    const role = principal.kind === 'user' ? directory.instanceRole(principal.id) : undefined
    if (role === undefined || !atLeast(role, 'admin'))
      return refusal(c, 403, 'forbidden', 'Only an owner or admin of this server may see its metrics.')
    return c.text(metrics.text(), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      'Cache-Control': 'no-store',
    })
  })
  return app
}
