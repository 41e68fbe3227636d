import { idIn } from '@coppice/events'
import { attachedFolder, fetchAttached } from './attached-files.ts'
import type { TurnParts } from './turn-parts.ts'

/** The files that go with the messages of a turn, fetched to where its agent can read them. */
export function filesOf(
  { context, address, files, sessionId }: TurnParts,
  signal: AbortSignal,
): ReturnType<typeof fetchAttached> {
  return fetchAttached(files, {
    folder: attachedFolder(context.dataFolder, sessionId),
    workspaceId: idIn(address.log),
    fetchBlob: context.fetchBlob,
    signal,
  })
}
