import { open, mkdir, readFile, copyFile, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { Message } from '../conversation.ts'

/** One line of a transcript. */
export type Entry =
  | {
      readonly kind: 'session'
      readonly version: 1
      readonly sessionId: string
      readonly cwd: string
      readonly at: string
    }
  | { readonly kind: 'message'; readonly message: Message }
  /** What was before is this summary from here on, and the newest `kept` messages. */
  | { readonly kind: 'compacted'; readonly summary: Message; readonly kept: number }
  | { readonly kind: 'model'; readonly model: string }
  /** Of the whole session so far. `window` tokens of `used` are taken. */
  | { readonly kind: 'spent'; readonly usd: number; readonly used: number }

/** A session's own record: one JSON line for each thing that happened, on the disk before the agent goes on. */
export class Transcript {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static fileOf(folder: string, sessionId: string): string {
    return path.join(folder, `${sessionId}.jsonl`)
  }

  static async begin(folder: string, sessionId: string, cwd: string): Promise<Transcript> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const transcript = new Transcript(await open(Transcript.fileOf(folder, sessionId), 'ax', 0o600))
    await transcript.add({ kind: 'session', version: 1, sessionId, cwd, at: new Date().toISOString() })
    return transcript
  }

  /** What a session was, and its transcript to go on with; nothing where there is none. A line that a crash cut off is dropped. */
  static async resume(
    folder: string,
    sessionId: string,
  ): Promise<{ transcript: Transcript; entries: readonly Entry[] } | undefined> {
    if (!/^[\w-]+$/.test(sessionId)) return undefined
    const file = Transcript.fileOf(folder, sessionId)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    const { entries, length } = readEntries(text)
    if (entries[0]?.kind !== 'session') return undefined
    await truncate(file, length)
    return { transcript: new Transcript(await open(file, 'a')), entries }
  }

  /** A copy of a session under another id. */
  static async fork(folder: string, from: string, to: string): Promise<boolean> {
    const source = await Transcript.resume(folder, from)
    if (!source) return false
    await source.transcript.close()
    await copyFile(Transcript.fileOf(folder, from), Transcript.fileOf(folder, to))
    return true
  }

  /** Settles when it is on the disk. */
  async add(entry: Entry): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(entry)}\n`)
    await this.#file.datasync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Lines up to the first that is not whole. `length` is in bytes. */
function readEntries(text: string): { entries: Entry[]; length: number } {
  const entries: Entry[] = []
  let length = 0
  for (const line of text.split('\n').slice(0, -1)) {
    const entry = readEntry(line)
    if (!entry) break
    entries.push(entry)
    length += Buffer.byteLength(line) + 1
  }
  return { entries, length }
}

function readEntry(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
