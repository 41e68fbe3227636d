import type { LogId } from '@coppice/events'
import type { QueryAnswer, QueryKind, QueryRequest } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

/** So many answers are kept on this device, those that were told last. */
const ANSWERS = 500
/** Larger ones are not kept, characters of JSON. */
const LARGEST = 1024 * 1024

interface KeptDb extends DBSchema {
  answers: { key: string; value: { readonly answer: unknown; readonly at: number }; indexes: { at: number } }
}

/** An answer, and since when it may be old: ms since the epoch, where it was told before and nobody can be asked now. */
export type WithAge<A> = A & { readonly asOf?: number }

let opening: Promise<IDBPDatabase<KeptDb>> | undefined
const database = (): Promise<IDBPDatabase<KeptDb>> =>
  (opening ??= openDB<KeptDb>('coppice-answers', 1, {
    upgrade: (db) => void db.createObjectStore('answers').createIndex('at', 'at'),
  }))

/** Who signs in on this device after somebody else is not shown what that one was told. */
const keyOf = ({ userId }: Replica, log: LogId, request: QueryRequest): string =>
  `${userId} ${log} ${JSON.stringify(request)}`

/** Whether an answer is one of these: nobody could be asked. */
export const isAway = (answer: { readonly ok: boolean; readonly code?: string }): boolean =>
  !answer.ok && ['offline', 'runner_away', 'timeout'].includes(answer.code ?? '')

/** Asks a workspace's runner; where nobody can be asked, what was told last stands for it, marked with its age. */
export async function askOrKept<K extends QueryKind>(
  replica: Replica,
  log: LogId,
  request: Extract<QueryRequest, { kind: K }>,
): Promise<WithAge<QueryAnswer<K>>> {
  const answer = (await replica.query<K>(log, request)) as WithAge<QueryAnswer<K>>
  const told: boolean = answer.ok
  if (told) void keepAnswer<K>(replica, log, request, answer)
  return (isAway(answer) ? await keptAnswer<K>(replica, log, request) : undefined) ?? answer
}

/** Keeps what was told; where there is no room for it the page works as well. */
export async function keepAnswer<K extends QueryKind>(
  replica: Replica,
  log: LogId,
  request: Extract<QueryRequest, { kind: K }>,
  answer: QueryAnswer<K>,
): Promise<void> {
  try {
    const db = await database()
    const key = keyOf(replica, log, request)
    if (JSON.stringify(answer).length > LARGEST) return await db.delete('answers', key)
    await db.put('answers', { answer, at: Date.now() }, key)
    await forgetOldest(db)
  } catch (error) {
    console.warn('What the runner told could not be kept for when it is away.', error)
  }
}

/** What was told last, with its age. */
export async function keptAnswer<K extends QueryKind>(
  replica: Replica,
  log: LogId,
  request: Extract<QueryRequest, { kind: K }>,
): Promise<WithAge<QueryAnswer<K>> | undefined> {
  try {
    const kept = await (await database()).get('answers', keyOf(replica, log, request))
    return kept && { ...(kept.answer as QueryAnswer<K>), asOf: kept.at }
  } catch (error) {
    console.warn('What the runner told before could not be read.', error)
    return undefined
  }
}

async function forgetOldest(db: IDBPDatabase<KeptDb>): Promise<void> {
  const tx = db.transaction('answers', 'readwrite')
  let more = (await tx.store.count()) - ANSWERS
  for (let at = await tx.store.index('at').openCursor(); at && more > 0; at = await at.continue()) {
    await at.delete()
    more -= 1
  }
  await tx.done
}
