import { PROJECTION_VERSION } from '@coppice/events'
import type { FromClient } from '@coppice/protocol'
import type { ConfirmedState } from './confirmed.ts'
import { rootOf } from './tree-edge.ts'

/** Of which sessions a device keeps the bodies: of all, or only of those that were opened on it (LF-12). */
export type Bodies = 'all' | 'opened'

/** How a replica goes on with a log from what it has of it. */
export function subscribeTo(
  confirmed: ConfirmedState,
  log: string,
  of: { epoch: string; bodies: Bodies; serverProjection: number | undefined },
): Extract<FromClient, { t: 'subscribe' }> {
  const cursor = confirmed.cursor(log)
  const position = cursor?.position ?? 0
  const root = cursor && rootOf(cursor)
  const plain = {
    t: 'subscribe' as const,
    log,
    epoch: cursor?.epoch ?? of.epoch,
    position,
    ...(root !== undefined && position > 0 && { tree: { size: position, root } }),
  }
  if (!log.startsWith('workspace:')) return plain
  const left = confirmed.left(log)
  const sameCode = of.serverProjection === PROJECTION_VERSION
  // Headers made by other code are of no use: everything comes as events then.
  if (!sameCode && left.length === 0) return plain
  const shape =
    of.bodies === 'all' || !sameCode
      ? { bodies: 'all' as const, except: left.map(({ stream }) => stream) }
      : { bodies: 'none' as const, except: confirmed.wholeSessions(log) }
  return {
    ...plain,
    shape,
    ...(sameCode && { snapshot: PROJECTION_VERSION }),
    ...(sameCode && left.some((one) => one.projection !== PROJECTION_VERSION) && { refresh: true }),
  }
}
