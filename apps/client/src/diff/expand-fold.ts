import type { LogId } from '@coppice/events'
import { LINES_AT_ONCE } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { toast } from '../parts/toasts.tsx'
import type { FileModel } from './file-model.ts'
import type { FileRow } from './file-rows.ts'
import { EXPAND_LINES } from './fold-row.tsx'

/** Fetches hidden lines: from the top of the fold (`down`), from its bottom (`up`), or as many as one answer has. */
export async function expandFold(
  replica: Replica,
  log: LogId,
  sessionId: string,
  file: FileModel,
  row: Extract<FileRow, { kind: 'fold' }>,
  which: 'up' | 'down' | 'all',
): Promise<void> {
  const { gap } = row
  if (!gap) return
  const last = gap.count === undefined ? gap.after + LINES_AT_ONCE : gap.after + gap.count - 1
  const from = which === 'up' ? Math.max(gap.after, last - EXPAND_LINES + 1) : gap.after
  const to = which === 'down' ? Math.min(last, gap.after + EXPAND_LINES - 1) : last
  const answer = await replica.query(log, {
    kind: 'diff.lines',
    sessionId,
    tree: file.sides().to,
    path: file.path,
    from,
    to: Math.min(to, from + LINES_AT_ONCE - 1),
  })
  if (answer.ok) file.around(from, answer.lines, answer.total)
  else toast(answer.message, { bad: true })
}
