/** What is known of a file's bytes that are kept on this device. */
export interface KeptBlob {
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  /** When they were last put here or arrived on the server, ms since 1970. */
  readonly at: number
  /** Whether a server has had them. */
  readonly sent: boolean
}

/** How long bytes are kept after they were put here or sent: as long as commands that a restored server may ask for again. */
export const BLOB_KEPT_MS = 14 * 24 * 60 * 60 * 1000
/** Most bytes on one device; what a server has goes first. */
export const DEVICE_BLOB_BYTES = 1024 * 1024 * 1024

/** Durable home of files that go with commands, until the server has them and a while longer. Named by their SHA-256. */
export interface BlobOutbox {
  /** Settles when the bytes are on disk. Putting the same ones again begins their time anew. */
  put(sha256: string, bytes: Blob, at: number): Promise<void>
  get(sha256: string): Promise<Blob | undefined>
  list(): Promise<readonly KeptBlob[]>
  /** A server has them now. */
  sent(sha256: string, at: number): Promise<void>
  /** Lets go of it unless it was put here again after `at`. */
  remove(sha256: string, at: number): Promise<void>
  close(): Promise<void>
}

/** Files in memory, for programs that live only as long as their commands. */
export class MemoryBlobOutbox implements BlobOutbox {
  readonly #blobs = new Map<string, { bytes: Blob; at: number; sent: boolean }>()

  async put(sha256: string, bytes: Blob, at: number): Promise<void> {
    this.#blobs.set(sha256, { bytes, at, sent: false })
  }

  async get(sha256: string): Promise<Blob | undefined> {
    return this.#blobs.get(sha256)?.bytes
  }

  async list(): Promise<readonly KeptBlob[]> {
    return [...this.#blobs].map(([sha256, { bytes, at, sent }]) => ({ sha256, size: bytes.size, at, sent }))
  }

  async sent(sha256: string, at: number): Promise<void> {
    const kept = this.#blobs.get(sha256)
    if (kept) this.#blobs.set(sha256, { ...kept, at, sent: true })
  }

  async remove(sha256: string, at: number): Promise<void> {
    if ((this.#blobs.get(sha256)?.at ?? Infinity) <= at) this.#blobs.delete(sha256)
  }

  /** Nothing to let go of. */
  async close(): Promise<void> {
    return undefined
  }
}
