import type { ItemRow } from '@coppice/events'
import type { SpineItem } from './replica.ts'

/** The layout part of a conversation row. `revision`: position of the event that last changed it. */
export function spineOf(row: ItemRow, revision: number, optimistic: boolean): SpineItem {
  const { text, detail, sessionId: _session, workspaceId: _workspace, ...rest } = row
  return {
    ...rest,
    textLength: text.length,
    lineCount: countLines(text),
    family: detail.family ?? '',
    revision,
    optimistic,
  }
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}
