import { createHash, type Hash } from 'node:crypto'
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { Redaction } from '../agents/redaction.ts'
import { safeId } from '../git/worktree.ts'

/** What of a task's output is kept, bytes; the task goes on without. */
export const mostOutput = 64 * 1024 * 1024

export const outputType = 'text/plain; charset=utf-8'
/** The stream that a run's output goes to, within its workspace. */
export const outputStream = (runId: string): string => `tasks/${runId}`
export const outputPath = (dataFolder: string, runId: string): string =>
  path.join(dataFolder, 'logs', `task-${safeId(runId)}.log`)

/** A task's output on the runner's disk, secrets taken out; from here it goes to its stream, byte for byte. */
export class OutputFile {
  readonly #file: number
  readonly #redaction: Redaction
  readonly #grown: () => void
  readonly #hash: Hash = createHash('sha256')
  readonly #decoder = new StringDecoder('utf8')
  #held = ''
  #bytes = 0
  #full = false

  /** @param grown told when more of it is in the file */
  constructor(file: string, redaction: Redaction, grown: () => void) {
    mkdirSync(path.dirname(file), { recursive: true })
    this.#file = openSync(file, 'w', 0o600)
    this.#redaction = redaction
    this.#grown = grown
  }

  take(chunk: Buffer): void {
    const { clean, held } = this.#redaction.release(this.#held + this.#decoder.write(chunk))
    this.#held = held
    this.#write(clean)
  }

  /** Nothing more comes. @returns how long it is, and what it hashes to */
  close(): { readonly bytes: number; readonly sha256: string } {
    this.#write(this.#redaction.rest(this.#held + this.#decoder.end()))
    fdatasyncSync(this.#file)
    closeSync(this.#file)
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  #write(text: string): void {
    if (text === '' || this.#full) return
    this.#full = this.#bytes + text.length > mostOutput
    const words = `\n[More than ${mostOutput / 1024 / 1024} MiB: what follows is not kept. The task goes on.]\n`
    const bytes = Buffer.from(this.#full ? words : text)
    writeSync(this.#file, bytes)
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    this.#grown()
  }
}
