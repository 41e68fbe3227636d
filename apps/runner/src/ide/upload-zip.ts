import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl'
import { checkWorktreePath } from '../git/worktree-path.ts'
import { splitNul } from '../git/git.ts'

/** What a local editor has sent: files as they should be, and paths that should go. */
export type Upload = {
  readonly files: readonly { readonly path: string; readonly executable: boolean; readonly bytes: Buffer }[]
  readonly deleted: readonly string[]
}

/** A zip that is not applied; the message says why. All of it is refused. */
export class UploadRefused extends Error {
  constructor(message: string) {
    super(`${message} Nothing of the upload was applied.`)
    this.name = 'UploadRefused'
  }
}

/** Files of an upload, and bytes of all when they are unpacked. */
const mostFiles = 5_000
const mostBytes = 256 * 1024 * 1024
/** Names that Windows takes for devices, whatever stands behind them. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i
/** Where the script puts what is no file of the upload. */
const ours = '.coppice-upload/'

/**
 * Reads an upload and checks all of it before anything is used: paths that leave the worktree, links, anything in a `.git`,
 * names that not every system can hold, two files in one place, and what is too large when unpacked (I-29).
 * @throws {UploadRefused}
 */
export async function readUpload(worktree: string, bytes: Buffer): Promise<Upload> {
  let zip: ZipFile
  try {
    zip = await fromBufferPromise(bytes, { lazyEntries: true, validateEntrySizes: true, strictFileNames: true })
  } catch (error) {
    throw new UploadRefused(`This is no zip that can be read: ${wordsOf(error)}.`)
  }
  if (zip.entryCount > mostFiles) throw new UploadRefused(`It has ${zip.entryCount} files; ${mostFiles} is the most.`)
  const files = new Map<string, Upload['files'][number]>()
  let deleted: readonly string[] = []
  let left = mostBytes
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (name.endsWith('/')) continue
      const content = await contentOf(zip, entry, left)
      left -= content.length
      if (name.startsWith(ours)) {
        if (name === `${ours}deleted`) deleted = splitNul(content.toString())
        continue
      }
      const checked = await checkName(worktree, name)
      const key = checked.toLowerCase()
      if (files.has(key)) throw new UploadRefused(`It has two files in one place: "${name}".`)
      const mode = entry.externalFileAttributes >>> 16
      files.set(key, { path: checked, executable: (mode & 0o100) !== 0, bytes: content })
    }
  } catch (error) {
    throw error instanceof UploadRefused ? error : new UploadRefused(`The zip was refused: ${wordsOf(error)}.`)
  } finally {
    zip.close()
  }
  for (const { path: name } of files.values()) {
    const parents = name.split('/').slice(0, -1)
    for (let n = 1; n <= parents.length; n += 1)
      if (files.has(parents.slice(0, n).join('/').toLowerCase()))
        throw new UploadRefused(`"${parents.slice(0, n).join('/')}" would be a file and a folder.`)
  }
  const gone = await Promise.all(deleted.map((name) => checkName(worktree, name)))
  return { files: [...files.values()], deleted: gone }
}

/** Where an upload's files lie until they take their places; all are there, or none. */
export async function unpack({ files }: Upload, folder: string): Promise<void> {
  for (const file of files) {
    const to = path.join(folder, file.path)
    await mkdir(path.dirname(to), { recursive: true })
    await writeFile(to, file.bytes, { mode: file.executable ? 0o755 : 0o644 })
  }
}

async function checkName(worktree: string, name: string): Promise<string> {
  for (const part of name.split('/'))
    if (reserved.test(part) || /[. ]$/.test(part) || /[<>:"|?*\\]|\p{Cc}/u.test(part))
      throw new UploadRefused(`"${name}" has a name that is reserved, or that not every system can hold.`)
  try {
    return await checkWorktreePath(worktree, name, 'follow')
  } catch (error) {
    throw new UploadRefused(wordsOf(error))
  }
}

async function contentOf(zip: ZipFile, entry: Entry, left: number): Promise<Buffer> {
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000
  if (kind !== 0 && kind !== 0o100000)
    throw new UploadRefused(`"${entry.fileName}" is a link or a special file; only files are taken.`)
  const tooLarge = new UploadRefused(`Unpacked it is larger than ${mostBytes / 1024 / 1024} MiB.`)
  if (entry.uncompressedSize > left) throw tooLarge
  const stream: Readable = await zip.openReadStreamPromise(entry)
  const parts: Buffer[] = []
  let size = 0
  for await (const part of stream) {
    const piece = part as Buffer
    size += piece.length
    // What the zip says of its sizes is not believed.
    if (size > left) throw tooLarge
    parts.push(piece)
  }
  return Buffer.concat(parts)
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
