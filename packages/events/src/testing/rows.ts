import { project, rowRefs } from '../domain.ts'
import type { RecordedEvent } from '../envelope.ts'
import type { AnyRow, ReadRow, Rows } from '../rows/tables.ts'

/** Folds events into rows from zero. Reads outside what `rowRefs` named throw: storage would not have loaded them. */
export function foldRows(events: readonly RecordedEvent[], rows: Map<string, AnyRow> = new Map()): Map<string, AnyRow> {
  for (const event of events) {
    const allowed = new Set(rowRefs(event).map(({ table, key }) => `${table} ${key}`))
    const read: ReadRow = (table, key) => {
      const name = `${table} ${key}`
      if (!allowed.has(name))
        throw new Error(`The projection of ${event.type} read ${name}, which its refs do not name.`)
      return rows.get(name) as Rows[typeof table] | undefined
    }
    for (const { table, key, row } of project(event, read)) {
      if (row === null) rows.delete(`${table} ${key}`)
      else rows.set(`${table} ${key}`, row)
    }
  }
  return rows
}
