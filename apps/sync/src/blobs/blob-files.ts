import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** What became of bytes that were to be a blob. */
export type Received =
  | { readonly kind: 'kept'; readonly size: number }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'otherBytes'; readonly sha256: string }

/** The bytes of blobs, a file each, named by their SHA-256. With several servers the folder must be one that all share. */
export class BlobFiles {
  readonly #folder: string

  /** @param folder is made when the first blob comes. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Takes in bytes as they come, and keeps them if they hash to what they should. On disk when it settles. */
  async receive(
    workspaceId: string,
    sha256: string,
    bytes: AsyncIterable<Uint8Array>,
    limit: number,
  ): Promise<Received> {
    const target = this.#file(workspaceId, sha256)
    const incoming = path.join(this.#folder, 'incoming')
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
    const temporary = path.join(incoming, randomUUID())
    try {
      const received = await this.#write(temporary, sha256, bytes, limit)
      if (received.kind !== 'kept') return received
      await rename(temporary, target)
      await syncFolder(path.dirname(target))
      await syncFolder(path.dirname(path.dirname(target)))
      return received
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** The bytes from `start` to `end`, both included; undefined if the file is not there. */
  async read(
    workspaceId: string,
    sha256: string,
    range: { start: number; end: number },
  ): Promise<ReadStream | undefined> {
    const file = this.#file(workspaceId, sha256)
    if (!(await isThere(file))) return undefined
    return createReadStream(file, range)
  }

  async remove(workspaceId: string, sha256: string): Promise<void> {
    await rm(this.#file(workspaceId, sha256), { force: true })
  }

  /** Takes away what a crash left half received before then, milliseconds since 1970: another server may be receiving. */
  async sweep(before: number): Promise<void> {
    const incoming = path.join(this.#folder, 'incoming')
    if (!(await isThere(incoming))) return
    for (const name of await readdir(incoming)) {
      const file = path.join(incoming, name)
      if ((await stat(file)).mtimeMs < before) await rm(file, { force: true })
    }
  }

  /** The size and SHA-256 of the bytes that are there under a name; undefined if there is no file. */
  async hash(workspaceId: string, sha256: string): Promise<{ size: number; sha256: string } | undefined> {
    const file = this.#file(workspaceId, sha256)
    if (!(await isThere(file))) return undefined
    const hash = createHash('sha256')
    let size = 0
    for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
      size += part.length
      hash.update(part)
    }
    return { size, sha256: hash.digest('hex') }
  }

  /** Puts a file out of the way of the one that should be there; gives where it is now. */
  async putAside(workspaceId: string, sha256: string): Promise<string> {
    const file = this.#file(workspaceId, sha256)
    const aside = `${file}.damaged-${randomUUID()}`
    await rename(file, aside)
    return aside
  }

  /** How many files there are, for tests and `doctor`. */
  async count(workspaceId: string): Promise<number> {
    const folder = path.join(this.#folder, workspaceId)
    if (!(await isThere(folder))) return 0
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).length
  }

  async #write(file: string, sha256: string, bytes: AsyncIterable<Uint8Array>, limit: number): Promise<Received> {
    const hash = createHash('sha256')
    const handle = await open(file, 'wx', 0o600)
    try {
      let size = 0
      for await (const part of bytes) {
        size += part.length
        if (size > limit) return { kind: 'tooLarge' }
        hash.update(part)
        await handle.writeFile(part)
      }
      const found = hash.digest('hex')
      if (found !== sha256) return { kind: 'otherBytes', sha256: found }
      await handle.sync()
      return { kind: 'kept', size }
    } finally {
      await handle.close()
    }
  }

  #file(workspaceId: string, sha256: string): string {
    return path.join(this.#folder, workspaceId, sha256.slice(0, 2), sha256)
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
