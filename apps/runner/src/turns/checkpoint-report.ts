import type { ChangedFile, ObservationData } from '@coppice/events'
import { LIMITS } from '@coppice/events'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'

const mostPathBytes = 40_000

/** A checkpoint as the log has it: all lines counted, the files listed as far as there is room. */
export function checkpointReport(
  checkpoint: Checkpoint,
  reason: ObservationData<'checkpoint.created'>['reason'],
  turnId?: string,
): ObservationData<'checkpoint.created'> {
  const files: ChangedFile[] = []
  let bytes = 0
  for (const file of checkpoint.files) {
    bytes += 80 + Buffer.byteLength(file.path) + Buffer.byteLength(file.from ?? '')
    if (bytes > mostPathBytes || files.length >= LIMITS.checkpointFiles) break
    files.push(file)
  }
  return {
    checkpointId: checkpoint.id,
    commit: checkpoint.commit,
    tree: checkpoint.tree,
    reason,
    ...(turnId ? { turnId } : {}),
    additions: checkpoint.files.reduce((sum, file) => sum + file.additions, 0),
    deletions: checkpoint.files.reduce((sum, file) => sum + file.deletions, 0),
    fileCount: checkpoint.files.length,
    files,
  }
}
