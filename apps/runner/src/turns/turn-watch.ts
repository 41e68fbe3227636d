import type { ObservationData } from '@coppice/events'
import type { AcpAgent } from '../agents/acp-agent.ts'
import { StaleWatch } from './stale-watch.ts'
import type { TurnParts } from './turn-parts.ts'

/** Watches the agent of a turn for a standstill; warns in the log. @param kill ends it, after the silence that it is told */
export function watchTurn(
  { context, sessionId, turnId, runId }: TurnParts,
  agent: AcpAgent,
  of: {
    waits(): boolean
    warn(data: ObservationData<'agent.stale'>): void
    kill(silentMs: number): void
  },
): StaleWatch {
  const { killMs } = context.stale
  return new StaleWatch(context.stale, {
    waits: () => of.waits(),
    children: () => agent.process.childrenTraffic(),
    stale: (silentMs) => {
      context.places.stalled(sessionId)
      of.warn({ turnId, runId, silentMs, ...(killMs === undefined ? {} : { killMs }) })
    },
    kill: (silentMs) => of.kill(silentMs),
  })
}
