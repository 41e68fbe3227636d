import { refusalSchema } from '@coppice/events'
import type { Store } from '../store/store-calls.ts'
import type { Findings } from './findings.ts'

const PAGE = 1_000
const LEAVE_IT = 'Receipts are never mended: restore the last backup that is clean.'

/** Holds the receipts of commands that made no event against the events: a command is answered in one place. Gives how many. */
export async function examineReceipts(store: Pick<Store, 'query'>, findings: Findings): Promise<number> {
  const wrong = (says: string): void =>
    findings.add('receipts', { level: 'wrong', area: 'receipts', says, advice: LEAVE_IT, mending: 'no' })
  const twice = await store.query(
    `select command_id from receipts join events on events.id = command_id || '.0' order by command_id limit 100`,
    [],
  )
  for (const row of twice.rows)
    wrong(`Command ${String(row['command_id'])} has a receipt that it made no event, and an event.`)
  const repeated = await store.query('select id from events group by id having count(*) > 1 order by id limit 100', [])
  for (const row of repeated.rows) wrong(`Event id ${String(row['id'])} is there more than once.`)
  const homeless = await store.query(
    'select log_no, count(*)::int as events from events where log_no not in (select no from logs) group by log_no',
    [],
  )
  for (const row of homeless.rows)
    wrong(`${String(row['events'])} events are of log number ${String(row['log_no'])}, which is not among the logs.`)
  let count = 0
  for (let after = ''; ;) {
    const { rows } = await store.query(
      'select command_id, refusal from receipts where command_id > $1 order by command_id limit $2',
      [after, PAGE],
    )
    for (const row of rows) {
      count += 1
      after = String(row['command_id'])
      if (row['refusal'] !== null && !isRefusalText(String(row['refusal'])))
        wrong(`The receipt of command ${after} holds a refusal that cannot be read.`)
    }
    if (rows.length < PAGE) return count
  }
}

function isRefusalText(text: string): boolean {
  try {
    return refusalSchema.safeParse(JSON.parse(text)).success
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
