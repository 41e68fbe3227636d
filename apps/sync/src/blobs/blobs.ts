import type { ReadStream } from 'node:fs'
import { workspaceLog } from '@coppice/events'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store-calls.ts'
import type { BlobFiles, Received } from './blob-files.ts'

/** A blob as its workspace has it. */
export interface Blob {
  readonly sha256: string
  readonly size: number
  readonly type: string
  /** When it was sent last, milliseconds since 1970. */
  readonly sentAt: number
}

/** What {@link Blobs.collect} found: blobs that no event points to, sent before the grace began. */
export interface Collection {
  readonly unreferenced: readonly Blob[]
  readonly bytes: number
  /** False when they were only listed. */
  readonly removed: boolean
}

/** The content-addressed blobs of all workspaces: files, and a table of which there are. */
export class Blobs {
  readonly #store: Pick<Store, 'query'>
  readonly #files: BlobFiles
  /** One thing at a time for each blob: what is being removed is not sent meanwhile. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(store: Pick<Store, 'query'>, files: BlobFiles) {
    this.#store = store
    this.#files = files
  }

  async find(workspaceId: string, sha256: string): Promise<Blob | undefined> {
    const { rows } = await this.#store.query(
      'select sha256, size, type, sent_at from blobs where workspace_id = $1 and sha256 = $2',
      [workspaceId, sha256],
    )
    return rows[0] && blobOf(rows[0])
  }

  /** Begins the grace of a blob anew, as if it had been sent now. False if it is not there. */
  async renew(workspaceId: string, sha256: string, now: number): Promise<boolean> {
    const { affectedRows } = await this.#store.query(
      'update blobs set sent_at = $3 where workspace_id = $1 and sha256 = $2',
      [workspaceId, sha256, now],
    )
    return affectedRows > 0
  }

  /** Takes in a blob, or finds that it is there, which begins its grace anew. Settles when it is on disk. */
  put(
    workspaceId: string,
    of: { sha256: string; type: string; now: number },
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<Received | { readonly kind: 'there' } | { readonly kind: 'noRoom' }> {
    return this.#inTurn(`${workspaceId}/${of.sha256}`, async () => {
      if (await this.renew(workspaceId, of.sha256, of.now)) {
        // Read to its end: a sender whose request is cut off would not hear the answer.
        await drain(bytes, LIMITS.blobBytes)
        return { kind: 'there' as const }
      }
      const used = await this.#store.query(
        'select coalesce(sum(size), 0)::bigint as used from blobs where workspace_id = $1',
        [workspaceId],
      )
      const left = LIMITS.workspaceBlobBytes - Number(used.rows[0]?.['used'])
      if (left <= 0) return { kind: 'noRoom' as const }
      const received = await this.#files.receive(workspaceId, of.sha256, bytes, Math.min(LIMITS.blobBytes, left))
      if (received.kind !== 'kept') return received
      await this.#store.query(
        `insert into blobs (workspace_id, sha256, size, type, sent_at) values ($1, $2, $3, $4, $5)
         on conflict (workspace_id, sha256) do update set sent_at = excluded.sent_at`,
        [workspaceId, of.sha256, received.size, of.type, of.now],
      )
      return received
    })
  }

  read(workspaceId: string, { sha256 }: Blob, range: { start: number; end: number }): Promise<ReadStream | undefined> {
    return this.#files.read(workspaceId, sha256, range)
  }

  /** The workspaces that have blobs. */
  async workspaces(): Promise<string[]> {
    const { rows } = await this.#store.query('select distinct workspace_id from blobs', [])
    return rows.map((row) => String(row['workspace_id']))
  }

  /**
   * Removes the blobs of a workspace that no event points to and that were sent before `before`; with `dryRun` only lists
   * them. An event points to a blob by a field `sha256`, wherever it is: what is in doubt is kept.
   */
  async collect(workspaceId: string, before: number, dryRun: boolean): Promise<Collection> {
    const { rows } = await this.#store.query(
      `select sha256, size, type, sent_at from blobs
       where workspace_id = $1 and sent_at < $2 and sha256 not in (
         select found[1]
         from logs join events on events.log_no = logs.no
         cross join lateral regexp_matches(body, '"sha256":"([0-9a-f]{64})"', 'g') as found
         where logs.id = $3
       ) order by sent_at`,
      [workspaceId, before, workspaceLog(workspaceId)],
    )
    const unreferenced = rows.map(blobOf)
    if (!dryRun) for (const { sha256 } of unreferenced) await this.#remove(workspaceId, sha256, before)
    return { unreferenced, bytes: unreferenced.reduce((sum, { size }) => sum + size, 0), removed: !dryRun }
  }

  /** Unless it was sent again meanwhile: then somebody is about to point to it. */
  #remove(workspaceId: string, sha256: string, before: number): Promise<void> {
    return this.#inTurn(`${workspaceId}/${sha256}`, async () => {
      const { affectedRows } = await this.#store.query(
        'delete from blobs where workspace_id = $1 and sha256 = $2 and sent_at < $3',
        [workspaceId, sha256, before],
      )
      if (affectedRows > 0) await this.#files.remove(workspaceId, sha256)
    })
  }

  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve()
    // Whoever was before may have failed: that is theirs to tell.
    const turn = before.then(work, work)
    this.#turns.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
  }
}

async function drain(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<void> {
  let size = 0
  for await (const part of bytes) {
    size += part.length
    if (size > limit) return
  }
}

const blobOf = (row: Record<string, unknown>): Blob => ({
  sha256: String(row['sha256']),
  size: Number(row['size']),
  type: String(row['type']),
  sentAt: Number(row['sent_at']),
})
