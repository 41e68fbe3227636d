import type { SessionRow, WorkspaceRow } from '@coppice/events'
import { hasEnded } from '../composer/composer.tsx'

/** Which runner has a session: whoever took it over last, else its workspace's own. */
export const runnerOf = (session: SessionRow, workspace: WorkspaceRow | undefined): string =>
  session.runnerId ?? workspace?.runnerId ?? ''

/** The sessions that a runner has and that have not ended. */
export const sessionsOn = (
  runnerId: string,
  sessions: Iterable<SessionRow>,
  workspaces: ReadonlyMap<string, WorkspaceRow>,
): SessionRow[] =>
  [...sessions].filter((one) => !hasEnded(one) && runnerOf(one, workspaces.get(one.workspaceId)) === runnerId)
