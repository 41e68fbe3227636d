import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { LARGEST_PICTURE, type PictureType, type QueryAnswer, type QueryRequest } from '@coppice/protocol'
import type { Redaction } from '../agents/redaction.ts'
import { git, gitBlob } from '../git/git.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'

/** Bytes in one answer. */
const partBytes = 512 * 1024
const mebibyte = 1024 * 1024

type Asked = Extract<QueryRequest, { kind: 'picture.read' }>
type Picture = {
  readonly key: string
  readonly bytes: Uint8Array
  readonly type: PictureType
  readonly sha256: string
}

/** The file cannot be shown as a picture. */
export class NoPicture extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NoPicture'
  }
}

/** Pictures of worktrees and of trees, given in parts. What a picture is its bytes tell: a name can say anything. */
export class Pictures {
  readonly #redaction: Redaction
  /** The one that is being read. */
  #last: Picture | undefined

  constructor(redaction: Redaction) {
    this.#redaction = redaction
  }

  /** @throws {NoPicture} @throws {PathRefused} @throws {GitFailure} where the tree has no such file */
  async read(worktree: string, { path: given, tree, offset }: Asked): Promise<QueryAnswer<'picture.read'>> {
    const { bytes, type, sha256 } =
      tree === undefined ? await this.#ofWorktree(worktree, given) : await this.#ofTree(worktree, tree, given)
    const end = Math.min(bytes.length, offset + partBytes)
    const data = Buffer.from(bytes.subarray(offset, end)).toString('base64')
    return { ok: true, type, size: bytes.length, sha256, data, ...(end < bytes.length && { next: end }) }
  }

  async #ofWorktree(worktree: string, given: string): Promise<Picture> {
    const file = path.join(worktree, await checkWorktreePath(worktree, given, 'follow'))
    const handle = await open(file, 'r')
    try {
      const { size, mtimeMs, ino } = await handle.stat()
      checkSize(given, size)
      return await this.#kept(`${file} ${size} ${mtimeMs} ${ino}`, given, () => handle.readFile())
    } finally {
      await handle.close()
    }
  }

  async #ofTree(worktree: string, tree: string, given: string): Promise<Picture> {
    const name = `${tree}:${await checkWorktreePath(worktree, given)}`
    checkSize(given, Number((await git(worktree, ['cat-file', '-s', name])).trim()))
    return this.#kept(`${worktree} ${name}`, given, () => gitBlob(worktree, name))
  }

  async #kept(key: string, name: string, read: () => Promise<Uint8Array>): Promise<Picture> {
    if (this.#last?.key === key) return this.#last
    const raw = await read()
    const type = typeOf(raw, name)
    if (!type)
      throw new NoPicture(
        `${name} cannot be shown as a picture: what is in it is not PNG, JPEG, GIF, WebP, AVIF or SVG, whatever its name says.`,
      )
    const bytes = type === 'image/svg+xml' ? Buffer.from(this.#redaction.text(Buffer.from(raw).toString('utf8'))) : raw
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.#last = { key, bytes, type, sha256 }
    return this.#last
  }
}

function checkSize(name: string, size: number): void {
  if (size > LARGEST_PICTURE)
    throw new NoPicture(
      `${name} has ${(size / mebibyte).toFixed(1)} MiB; pictures of up to ${LARGEST_PICTURE / mebibyte} MiB are shown.`,
    )
}

function typeOf(bytes: Uint8Array, name: string): PictureType | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(head)) return 'image/gif'
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'image/webp'
  if (/^avi[fs]/.test(head.slice(8)) && head.startsWith('ftyp', 4)) return 'image/avif'
  // Nothing else than a text that says so is a drawing.
  if (/\.svg$/i.test(name) && isUtf8(bytes) && Buffer.from(bytes).includes('<svg')) return 'image/svg+xml'
  return undefined
}
