import type { Command, Refusal } from '@coppice/events'
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Outbox, OutboxEntry, RefusedEntry } from '../outbox.ts'

interface OutboxDb extends DBSchema {
  waiting: { key: number; value: { command: Command; acceptedTo: number | undefined }; indexes: { command: string } }
  refused: { key: string; value: RefusedEntry }
}

/**
 * The outbox in IndexedDB, written with strict durability: a click is on disk before PGlite has opened, and survives
 * its loss. Pages and the worker open the same database.
 */
export class IndexedDbOutbox implements Outbox {
  readonly #db: IDBPDatabase<OutboxDb>

  private constructor(db: IDBPDatabase<OutboxDb>) {
    this.#db = db
  }

  static async open(userId: string): Promise<IndexedDbOutbox> {
    const db = await openDB<OutboxDb>(`coppice-outbox-${userId}`, 1, {
      upgrade(fresh) {
        const waiting = fresh.createObjectStore('waiting', { autoIncrement: true })
        waiting.createIndex('command', 'command.id', { unique: true })
        fresh.createObjectStore('refused', { keyPath: 'command.id' })
      },
    })
    return new IndexedDbOutbox(db)
  }

  async add(command: Command): Promise<void> {
    const tx = this.#db.transaction('waiting', 'readwrite', { durability: 'strict' })
    await Promise.all([tx.store.add({ command, acceptedTo: undefined }), tx.done])
  }

  async entries(): Promise<readonly OutboxEntry[]> {
    const tx = this.#db.transaction('waiting')
    const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()])
    return values.map((value, index) => ({ n: keys[index] ?? index, ...value }))
  }

  async accepted(commandId: string, to: number): Promise<void> {
    const tx = this.#db.transaction('waiting', 'readwrite')
    const key = await tx.store.index('command').getKey(commandId)
    const value = key === undefined ? undefined : await tx.store.get(key)
    if (key !== undefined && value) await tx.store.put({ ...value, acceptedTo: to }, key)
    await tx.done
  }

  async remove(commandIds: readonly string[]): Promise<void> {
    const tx = this.#db.transaction('waiting', 'readwrite')
    for (const id of commandIds) {
      const key = await tx.store.index('command').getKey(id)
      if (key !== undefined) await tx.store.delete(key)
    }
    await tx.done
  }

  async refuse(command: Command, refusal: Refusal, at: number): Promise<void> {
    // One transaction: the text is always in exactly one of the two places.
    const tx = this.#db.transaction(['waiting', 'refused'], 'readwrite', { durability: 'strict' })
    const key = await tx.objectStore('waiting').index('command').getKey(command.id)
    if (key !== undefined) await tx.objectStore('waiting').delete(key)
    await tx.objectStore('refused').put({ command, refusal, at })
    await tx.done
  }

  async refused(): Promise<readonly RefusedEntry[]> {
    return this.#db.getAll('refused')
  }

  async dismiss(commandId: string): Promise<void> {
    await this.#db.delete('refused', commandId)
  }

  async close(): Promise<void> {
    this.#db.close()
  }
}
