import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

/** A text that was typed and not saved yet, with what it began from. */
export interface Unsaved {
  readonly text: string
  readonly base: string
  /** SHA-256 of the file that it began from. */
  readonly baseSha256: string
  /** Where others have the file open, too: the document that they share, as it was here. */
  readonly shared?: Uint8Array
}

interface UnsavedDb extends DBSchema {
  texts: { key: string; value: Unsaved }
}

let opening: Promise<IDBPDatabase<UnsavedDb>> | undefined
const database = (): Promise<IDBPDatabase<UnsavedDb>> =>
  (opening ??= openDB<UnsavedDb>('coppice-unsaved', 1, { upgrade: (db) => void db.createObjectStore('texts') }))

const key = (sessionId: string, path: string): string => `${sessionId} ${path}`

/** What is typed outlives the tab, a crash, and being off line. */
export async function keepUnsaved(sessionId: string, path: string, unsaved: Unsaved | undefined): Promise<void> {
  const db = await database()
  if (unsaved) await db.put('texts', unsaved, key(sessionId, path))
  else await db.delete('texts', key(sessionId, path))
}

export const readUnsaved = async (sessionId: string, path: string): Promise<Unsaved | undefined> =>
  (await database()).get('texts', key(sessionId, path))
