import * as Y from 'yjs'
import type { Store } from '../store/store-calls.ts'
import type { Findings } from './findings.ts'

const PAGE = 200

/** Loads every shared document from its stored updates, as the server does when somebody comes in. Gives how many there are. */
export async function examineRooms(store: Pick<Store, 'query'>, findings: Findings): Promise<number> {
  let count = 0
  for (let after = ''; ;) {
    const { rows } = await store.query('select no, name from yjs_rooms where name > $1 order by name limit $2', [
      after,
      PAGE,
    ])
    for (const row of rows) {
      after = String(row['name'])
      count += 1
      const problem = await problemOf(store, Number(row['no']))
      if (problem)
        findings.add('rooms', { ...problem, area: 'rooms', says: `Room ${after}: ${problem.says}`, mending: 'no' })
    }
    if (rows.length < PAGE) break
  }
  const { rows } = await store.query(
    `select room_no, count(*)::int as updates from yjs_updates
     where room_no not in (select no from yjs_rooms) group by room_no order by room_no limit 100`,
    [],
  )
  for (const row of rows)
    findings.add('rooms', {
      level: 'wrong',
      area: 'rooms',
      says: `${String(row['updates'])} updates are of room number ${String(row['room_no'])}, which is not there.`,
      advice: LEAVE_IT,
      mending: 'no',
    })
  return count
}

const LEAVE_IT =
  'Documents are never mended here: whoever has it open, or had it open in a browser, offers what is missing when they come back; else take it from a backup.'

type Problem = { readonly level: 'wrong' | 'degraded'; readonly says: string; readonly advice: string }

async function problemOf(store: Pick<Store, 'query'>, room: number): Promise<Problem | undefined> {
  // One statement: the head and the updates are of one moment.
  const { rows } = await store.query(
    `select head, seq, bytes from yjs_rooms left join yjs_updates on room_no = no where no = $1 order by seq`,
    [room],
  )
  const head = Number(rows[0]?.['head'] ?? 0)
  const updates = rows.filter((row) => row['seq'] !== null)
  const wrong = (says: string): Problem => ({ level: 'wrong', says, advice: LEAVE_IT })
  const doc = new Y.Doc()
  try {
    // The first may be all before it, made one.
    let last = updates.length > 0 ? Number(updates[0]?.['seq']) - 1 : 0
    for (const { seq, bytes } of updates) {
      if (Number(seq) !== last + 1) return wrong(`update ${last + 1} is missing before update ${Number(seq)}.`)
      last = Number(seq)
      const unread = unreadable(doc, bytes as Uint8Array)
      if (unread !== undefined) return wrong(`update ${last} cannot be read: ${unread}`)
    }
    if (last !== head) return wrong(`its updates end at ${last}, and should at ${head}.`)
    if (doc.store.pendingStructs === null && doc.store.pendingDs === null) return undefined
    const says = 'some of what was written hangs on something that never came.'
    return { level: 'degraded', says, advice: 'It shows when whoever wrote that comes back with the rest.' }
  } finally {
    doc.destroy()
  }
}

/** Why an update cannot be taken in; undefined if it can. */
function unreadable(doc: Y.Doc, update: Uint8Array): string | undefined {
  try {
    Y.applyUpdate(doc, update)
    return undefined
  } catch (error) {
    // Yjs throws all kinds of errors on bytes that mean nothing.
    return error instanceof Error ? error.message : String(error)
  }
}
