import { readFile } from 'node:fs/promises'
import type { Attachment } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import type { Worktree } from '../git/worktree.ts'
import type { RunnerContext } from '../runner-context.ts'
import { attachedFolder, fetchAttached } from '../turns/attached-files.ts'
import { inspectUpload } from './apply-upload.ts'

const fetchMs = 60_000

/** What an upload would change. @throws {UploadRefused} */
export async function answerInspect(
  context: Pick<RunnerContext, 'dataFolder' | 'fetchBlob'>,
  worktree: Worktree,
  workspaceId: string,
  zip: Attachment,
): Promise<QueryAnswer<'ide.inspect'>> {
  const folder = attachedFolder(context.dataFolder, worktree.sessionId)
  const signal = AbortSignal.timeout(fetchMs)
  const { fetchBlob } = context
  const [file] = await fetchAttached([zip], { folder, workspaceId, fetchBlob, signal }, 'Upload it again.')
  if (!file) throw new Error('The upload could not be fetched.')
  return { ok: true, ...(await inspectUpload(worktree, await readFile(file.path))) }
}
