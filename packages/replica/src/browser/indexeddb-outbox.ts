import type { Command, Refusal } from '@coppice/events'
import { openDB, type DBSchema, type IDBPDatabase, type OpenDBCallbacks } from 'idb'
import { SETTLED_KEPT, SETTLED_KEPT_MS, type Outbox, type OutboxEntry, type RefusedEntry } from '../outbox.ts'

interface OutboxDb extends DBSchema {
  waiting: { key: number; value: { command: Command; acceptedTo: number | undefined }; indexes: { command: string } }
  refused: { key: string; value: RefusedEntry }
  /** Finished ones, by their key among those that waited. */
  settled: { key: number; value: { command: Command; at: number }; indexes: { log: string } }
}

/**
 * The outbox in IndexedDB, written with strict durability: a click is on disk before PGlite has opened, and survives
 * its loss. Pages and the worker open the same database.
 */
export class IndexedDbOutbox implements Outbox {
  readonly #name: string
  #opening: Promise<IDBPDatabase<OutboxDb>> | undefined

  private constructor(name: string) {
    this.#name = name
  }

  /** @throws {DOMException} where this browser gives the page no IndexedDB. */
  static async open(userId: string): Promise<IndexedDbOutbox> {
    const outbox = new IndexedDbOutbox(`coppice-outbox-${userId}`)
    await outbox.#db()
    return outbox
  }

  /** The connection; made anew if it was closed for a newer version's sake, or by the browser. */
  #db(): Promise<IDBPDatabase<OutboxDb>> {
    this.#opening ??= open(this.#name, () => (this.#opening = undefined))
    return this.#opening
  }

  async add(command: Command): Promise<void> {
    const tx = (await this.#db()).transaction('waiting', 'readwrite', { durability: 'strict' })
    await Promise.all([tx.store.add({ command, acceptedTo: undefined }), tx.done])
  }

  async entries(): Promise<readonly OutboxEntry[]> {
    const tx = (await this.#db()).transaction('waiting')
    const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()])
    return values.map((value, index) => ({ n: keys[index] ?? index, ...value }))
  }

  async accepted(commandId: string, to: number): Promise<void> {
    const tx = (await this.#db()).transaction('waiting', 'readwrite')
    const key = await tx.store.index('command').getKey(commandId)
    const value = key === undefined ? undefined : await tx.store.get(key)
    if (key !== undefined && value) await tx.store.put({ ...value, acceptedTo: to }, key)
    await tx.done
  }

  async settle(commandIds: readonly string[], at: number): Promise<void> {
    const tx = (await this.#db()).transaction(['waiting', 'settled'], 'readwrite')
    const [waiting, settled] = [tx.objectStore('waiting'), tx.objectStore('settled')]
    for (const id of commandIds) {
      const key = await waiting.index('command').getKey(id)
      const value = key === undefined ? undefined : await waiting.get(key)
      if (key === undefined || value === undefined) continue
      await waiting.delete(key)
      await settled.put({ command: value.command, at }, key)
    }
    let tooMany = (await settled.count()) - SETTLED_KEPT
    for (let oldest = await settled.openCursor(); oldest; oldest = await oldest.continue()) {
      if (tooMany <= 0 && oldest.value.at > at - SETTLED_KEPT_MS) break
      await oldest.delete()
      tooMany -= 1
    }
    await tx.done
  }

  async reoffer(log: string): Promise<number> {
    const tx = (await this.#db()).transaction(['waiting', 'settled'], 'readwrite', { durability: 'strict' })
    const [waiting, settled] = [tx.objectStore('waiting'), tx.objectStore('settled')]
    for (let one = await waiting.openCursor(); one; one = await one.continue())
      if (one.value.command.log === log) await one.update({ ...one.value, acceptedTo: undefined })
    let again = 0
    for (let one = await settled.index('log').openCursor(log); one; one = await one.continue()) {
      await waiting.put({ command: one.value.command, acceptedTo: undefined }, one.primaryKey)
      await one.delete()
      again += 1
    }
    await tx.done
    return again
  }

  async refuse(command: Command, refusal: Refusal, at: number): Promise<void> {
    // One transaction: the text is always in exactly one of the two places.
    const tx = (await this.#db()).transaction(['waiting', 'refused'], 'readwrite', { durability: 'strict' })
    const key = await tx.objectStore('waiting').index('command').getKey(command.id)
    if (key !== undefined) await tx.objectStore('waiting').delete(key)
    await tx.objectStore('refused').put({ command, refusal, at })
    await tx.done
  }

  async refused(): Promise<readonly RefusedEntry[]> {
    return (await this.#db()).getAll('refused')
  }

  async dismiss(commandId: string): Promise<void> {
    await (await this.#db()).delete('refused', commandId)
  }

  async close(): Promise<void> {
    ;(await this.#db()).close()
  }
}

const SCHEMA_VERSION = 2

/**
 * A newer version of the app may change the stores while this one runs: this connection closes for it at once, and is
 * opened again on what is there then. Stores are only ever added to, so that an older tab's click still finds its place.
 */
async function open(name: string, onClosed: () => void): Promise<IDBPDatabase<OutboxDb>> {
  const options: OpenDBCallbacks<OutboxDb> = {
    upgrade(fresh, oldVersion) {
      if (oldVersion < 2) fresh.createObjectStore('settled').createIndex('log', 'command.log')
      if (oldVersion > 0) return
      const waiting = fresh.createObjectStore('waiting', { autoIncrement: true })
      waiting.createIndex('command', 'command.id', { unique: true })
      fresh.createObjectStore('refused', { keyPath: 'command.id' })
    },
    blocking(_current, _wanted, event) {
      onClosed()
      ;(event.target as IDBDatabase).close()
    },
    terminated: onClosed,
  }
  try {
    return await openDB<OutboxDb>(name, SCHEMA_VERSION, options)
  } catch (error) {
    const newer = error instanceof DOMException && error.name === 'VersionError'
    if (!newer) throw error
    return openDB<OutboxDb>(name, undefined, options)
  }
}
