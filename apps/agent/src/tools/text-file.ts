import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { LIMITS } from '../limits.ts'
import type { Place } from './folder.ts'
import { ToolProblem } from './tool.ts'

/** A text file in memory: lines end with `\n` here, whatever they end with on disk. */
export type TextFile = {
  readonly text: string
  /** How its lines end on disk; `mixed` files are held as they are. */
  readonly ends: 'lf' | 'crlf' | 'mixed'
  readonly mark: boolean
}

const byteOrderMark = '\uFEFF'

/** Reads a whole text file for changing it. @throws {ToolProblem} where it is none, or too large */
export async function readTextFile(place: Place): Promise<TextFile> {
  const { size } = await statFile(place)
  if (size > LIMITS.editBytes)
    throw new ToolProblem(
      `${place.name} has ${megabytes(size)}; files of more than ${megabytes(LIMITS.editBytes)} are not edited with this tool. Use the run tool (sed, a script).`,
    )
  const bytes = await readFile(place.full)
  const what = binaryKind(bytes)
  if (what) throw new ToolProblem(binaryWords(place.name, what, size))
  return decode(bytes, place.name)
}

function decode(bytes: Buffer, name: string): TextFile {
  const whole = (() => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw new ToolProblem(
        `${name} is not UTF-8. Changing it here would damage it: use the run tool (iconv, sed) instead.`,
      )
    }
  })()
  const mark = whole.startsWith(byteOrderMark)
  const raw = mark ? whole.slice(1) : whole
  const [all, crlf] = [count(raw, '\n'), count(raw, '\r\n')]
  if (crlf === 0) return { text: raw, ends: 'lf', mark }
  return crlf === all ? { text: raw.replaceAll('\r\n', '\n'), ends: 'crlf', mark } : { text: raw, ends: 'mixed', mark }
}

/** The bytes of a file as its line ends and its byte order mark want them. */
export function encode({ text, ends, mark }: TextFile): string {
  const raw = ends === 'crlf' ? text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n') : text
  return mark ? byteOrderMark + raw : raw
}

/** Writes it back as it was encoded. */
export async function writeTextFile(place: Place, file: TextFile): Promise<void> {
  await writeFile(place.full, encode(file))
}

function count(text: string, part: string): number {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1
  return found
}

/** @throws {ToolProblem} where there is none, or it is something else than a file */
export async function statFile(place: Place): Promise<{ readonly size: number }> {
  const status = await stat(place.full).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new ToolProblem(`There is no file ${place.name}.`)
    throw new ToolProblem(`${place.name} cannot be read: ${error.message}`)
  })
  if (status.isDirectory()) throw new ToolProblem(`${place.name} is a folder. Use the list tool.`)
  if (!status.isFile()) throw new ToolProblem(`${place.name} is a device or a pipe, not a file.`)
  return { size: status.size }
}

/** The beginning of a file. */
export async function firstBytes(full: string, length: number): Promise<Buffer> {
  const file = await open(full)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const signatures: readonly (readonly [string, string])[] = [
  ['\x89PNG', 'a PNG picture'],
  ['\xFF\xD8\xFF', 'a JPEG picture'],
  ['GIF8', 'a GIF picture'],
  ['%PDF', 'a PDF'],
  ['PK\x03\x04', 'a ZIP archive or an office document'],
  ['\x1F\x8B', 'a gzip archive'],
  ['\x7FELF', 'a program'],
  ['SQLite format 3', 'an SQLite database'],
]

/** What a file is that is no text; nothing where it is one. */
export function binaryKind(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  const known = signatures.find(([signature]) => start.startsWith(signature))
  if (known) return known[1]
  return bytes.subarray(0, 8_192).includes(0) ? 'binary data' : undefined
}

export function binaryWords(name: string, what: string, size: number): string {
  return `${name} is ${what} (${size.toLocaleString('en-US')} bytes), not text. Use the run tool with a program that understands it (file, strings, unzip -l, pdftotext, sqlite3, xxd | head).`
}

export function megabytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
