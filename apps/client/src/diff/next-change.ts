import type { FileModel } from './file-model.ts'
import type { FileRow } from './file-rows.ts'

const isChange = (row: FileRow | undefined): boolean =>
  row?.kind === 'line' && (row.left?.kind === 'del' || row.right?.kind === 'add')

/** The first rows of the changes of a file: each is a run of changed lines. */
export const changesIn = (rows: readonly FileRow[]): number[] =>
  rows.flatMap((row, index) => (isChange(row) && !isChange(rows[index - 1]) ? [index] : []))

/**
 * The change after (or before) a row; past a file's end, the first (or last) of the next file that is open and there. Where
 * that one's lines are not known yet, the file itself.
 */
export function nextChange(
  files: readonly FileModel[],
  from: { readonly file: FileModel; readonly row: number },
  step: 1 | -1,
): { file: FileModel; row: number | undefined } | undefined {
  const changes = changesIn(from.file.layout().rows)
  const here = step === 1 ? changes.find((row) => row > from.row) : changes.findLast((row) => row < from.row)
  if (here !== undefined) return { file: from.file, row: here }
  for (let index = files.indexOf(from.file) + step; index >= 0 && index < files.length; index += step) {
    const file = files[index]
    if (!file?.open()) continue
    const found = changesIn(file.layout().rows)
    return { file, row: step === 1 ? found[0] : found.at(-1) }
  }
  return undefined
}
