import type { Transaction } from '@electric-sql/pglite'

/** A value of a row; a text must be without tabs and line ends, as JSON is. */
type Value = string | number

/**
 * Inserts rows by COPY, which takes less than half the time of an `insert`. `into` names table and columns as SQL does.
 * @throws {Error} if a row's key is there already.
 */
export async function copyRows(tx: Transaction, into: string, rows: readonly (readonly Value[])[]): Promise<void> {
  if (rows.length === 0) return
  const text = rows.map((row) => row.join('\t')).join('\n')
  await tx.query(`copy ${into} from '/dev/blob'`, [], {
    blob: new Blob([text.replaceAll('\\', '\\\\'), '\n']),
  })
}
