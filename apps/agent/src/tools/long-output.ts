import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import type { WriteStream } from 'node:fs'
import { once } from 'node:events'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { LIMITS } from '../limits.ts'

/**
 * The output of a command: its beginning and its end stay in memory; when there is more, the whole goes to a file. A flood
 * costs no memory, and past a limit no disk either.
 */
export class LongOutput {
  readonly #folder: string
  #head = ''
  #tail = ''
  #length = 0
  #file: { readonly path: string; readonly stream: WriteStream } | undefined
  #filed = 0
  #failed = ''

  /** @param folder where the file is made, if one is needed */
  constructor(folder: string) {
    this.#folder = folder
  }

  add(raw: string): void {
    const text = stripVTControlCharacters(raw)
    this.#length += text.length
    const most = LIMITS.outputHead + LIMITS.outputTail
    if (!this.#file && this.#length > most) this.#open()
    this.#write(text)
    const room = Math.max(0, LIMITS.outputHead - this.#head.length)
    this.#head += text.slice(0, room)
    this.#tail = (this.#tail + text.slice(room)).slice(-LIMITS.outputTail)
  }

  /** Beginning, how much is left out and where that is, and end. */
  shown(): string {
    const omitted = this.#length - this.#head.length - this.#tail.length
    if (omitted <= 0) return this.#head + this.#tail
    const where = this.#file && this.#failed === '' ? `; the whole is in ${this.#file.path}` : this.#failed
    return `${this.#head}\n… ${omitted} characters are left out here${where} …\n${this.#tail}`
  }

  async close(): Promise<void> {
    if (!this.#file || this.#failed !== '') return
    this.#file.stream.end()
    await once(this.#file.stream, 'close')
  }

  #open(): void {
    mkdirSync(this.#folder, { recursive: true })
    const file = path.join(this.#folder, `${randomUUID().slice(0, 8)}.log`)
    const stream = createWriteStream(file, { mode: 0o600 })
    // A full disk costs the file, not the command.
    stream.on('error', (error) => {
      this.#failed = ` (they could not be kept: ${error.message})`
    })
    this.#file = { path: file, stream }
    this.#write(this.#head + this.#tail)
  }

  #write(text: string): void {
    if (!this.#file || this.#failed !== '' || this.#filed > LIMITS.outputFileBytes) return
    this.#filed += Buffer.byteLength(text)
    this.#file.stream.write(
      this.#filed > LIMITS.outputFileBytes ? `${text}\n(the rest was not kept: the output is too long)\n` : text,
    )
  }
}
