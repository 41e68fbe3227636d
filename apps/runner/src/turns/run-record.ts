import type { ObservationData } from '@coppice/events'
import { digestOf, transcriptFile } from './transcript.ts'

/** The stream that a turn's record goes to, within its workspace. */
export const recordStream = (runId: string, turnId: string): string => `runs/${runId}/${turnId}`

/** What the event that ends a turn says of its record, which is on disk to its end; nothing where there is none. */
export function runRecord(
  dataFolder: string,
  runId: string,
  turnId: string,
): Pick<ObservationData<'turn.ended'>, 'record'> {
  const digest = digestOf(transcriptFile(dataFolder, runId, turnId))
  return digest === undefined ? {} : { record: { stream: recordStream(runId, turnId), ...digest } }
}
