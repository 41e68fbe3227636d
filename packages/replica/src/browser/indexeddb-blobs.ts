import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { BlobOutbox, KeptBlob } from '../blobs/blob-outbox.ts'

interface BlobDb extends DBSchema {
  kept: { key: string; value: KeptBlob }
  /** Apart from what is known of them, so that a list does not touch them. */
  bytes: { key: string; value: Blob }
}

/** Files in IndexedDB, written with strict durability before a command names them. Pages and the worker open the same. */
export class IndexedDbBlobs implements BlobOutbox {
  readonly #name: string
  #opening: Promise<IDBPDatabase<BlobDb>> | undefined

  constructor(userId: string) {
    this.#name = `coppice-blobs-${userId}`
  }

  /** Opened when it is first needed: most pages attach nothing. */
  #db(): Promise<IDBPDatabase<BlobDb>> {
    this.#opening ??= open(this.#name, () => (this.#opening = undefined))
    return this.#opening
  }

  async put(sha256: string, bytes: Blob, at: number): Promise<void> {
    const tx = (await this.#db()).transaction(['kept', 'bytes'], 'readwrite', { durability: 'strict' })
    await Promise.all([
      tx.objectStore('bytes').put(bytes, sha256),
      tx.objectStore('kept').put({ sha256, size: bytes.size, at, sent: false }),
      tx.done,
    ])
  }

  async get(sha256: string): Promise<Blob | undefined> {
    return (await this.#db()).get('bytes', sha256)
  }

  async list(): Promise<readonly KeptBlob[]> {
    return (await this.#db()).getAll('kept')
  }

  async sent(sha256: string, at: number): Promise<void> {
    const tx = (await this.#db()).transaction('kept', 'readwrite')
    const kept = await tx.store.get(sha256)
    if (kept) await tx.store.put({ ...kept, at, sent: true })
    await tx.done
  }

  async remove(sha256: string, at: number): Promise<void> {
    const tx = (await this.#db()).transaction(['kept', 'bytes'], 'readwrite')
    const kept = await tx.objectStore('kept').get(sha256)
    if (kept && kept.at <= at) {
      await tx.objectStore('kept').delete(sha256)
      await tx.objectStore('bytes').delete(sha256)
    }
    await tx.done
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    if (opening) (await opening).close()
  }
}

/** Closed for a newer version's sake, or by the browser, or never opened: the next call opens it anew. */
async function open(name: string, onClosed: () => void): Promise<IDBPDatabase<BlobDb>> {
  try {
    return await openDB<BlobDb>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('kept', { keyPath: 'sha256' })
        fresh.createObjectStore('bytes')
      },
      blocking(_current, _wanted, event) {
        onClosed()
        ;(event.target as IDBDatabase).close()
      },
      terminated: onClosed,
    })
  } catch (error) {
    onClosed()
    throw error
  }
}
