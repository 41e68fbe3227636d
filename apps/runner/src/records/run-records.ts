import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Journal } from '@coppice/protocol'
import { RecordUpload } from './record-upload.ts'
import type { RecordServer, Sent } from './record-upload.ts'

/** Says, beside a record, where it goes to, and of which click it is; goes when all of it is there. */
const todo = '.todo'
const retryMs = 5_000

type Entry = {
  readonly upload: RecordUpload
  readonly path: string
  /** Empty in what an older version of this runner began. */
  readonly correlationId: string
  /** The turn is over: nothing more is written to the file. */
  over: boolean
  /** There may be more in the file than was sent. */
  grown: boolean
}

/**
 * Brings the records of turns to their streams on the server, while they are written and after. The server may be away
 * for as long as it likes: the files wait, and what a process of the past has left is sent by the next.
 */
export class RunRecords {
  readonly #server: string
  readonly #say: (line: string) => void
  readonly #journal: Journal
  readonly #entries = new Map<string, Entry>()
  #to: RecordServer | undefined
  #sending = false
  #retry: NodeJS.Timeout | undefined

  /** @param dataFolder its records of the past are begun with. */
  constructor(dataFolder: string, server: string, say: (line: string) => void, journal: Journal) {
    this.#server = server
    this.#say = say
    this.#journal = journal
    const logs = path.join(dataFolder, 'logs')
    mkdirSync(logs, { recursive: true })
    for (const name of readdirSync(logs)) {
      if (!name.endsWith(todo)) continue
      const file = path.join(logs, name.slice(0, -todo.length))
      const [at = '', correlationId = '', type] = readFileSync(file + todo, 'utf8')
        .trim()
        .split('\n')
      this.#add(file, at, correlationId, true, type)
    }
  }

  /** A record begins. @param at `<workspace>/<stream>`. @param correlationId of the click that it goes back to. @param type its media type */
  begin(file: string, at: string, correlationId: string, type?: string): void {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file + todo, `${at}\n${correlationId}\n${type ?? ''}`, { mode: 0o600, flush: true })
    this.#add(file, at, correlationId, false, type)
  }

  /** More of it is on disk. */
  grown(file: string): void {
    const entry = this.#entries.get(file)
    if (entry) entry.grown = true
    this.#wake()
  }

  /** All of it is on disk. */
  over(file: string): void {
    const entry = this.#entries.get(file)
    if (entry) entry.over = true
    this.grown(file)
  }

  /** The server is there. */
  online(to: Omit<RecordServer, 'server'>): void {
    this.#to = { ...to, server: this.#server }
    for (const entry of this.#entries.values()) entry.grown = true
    this.#wake()
  }

  offline(): void {
    this.#to = undefined
    clearTimeout(this.#retry)
  }

  /** How many records are not all there yet. */
  get waiting(): number {
    return this.#entries.size
  }

  #add(file: string, at: string, correlationId: string, over: boolean, type?: string): void {
    const upload = new RecordUpload(this.#server, at, file, correlationId, type)
    this.#entries.set(file, { upload, path: at, correlationId, over, grown: true })
  }

  #wake(): void {
    if (this.#sending || !this.#to) return
    this.#sending = true
    clearTimeout(this.#retry)
    this.#sendAll()
      .catch((error: unknown) => this.#say(`Records of runs: ${String(error)}`))
      .finally(() => {
        this.#sending = false
      })
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#next(); next && this.#to; next = this.#next()) {
      const [file, entry] = next
      entry.grown = false
      const { over } = entry
      const sent = await entry.upload.send(this.#to, over).catch((error: unknown): Sent => {
        // Nothing to be read means nothing was written before a crash.
        if (isMissing(error)) return over ? { kind: 'sent' } : { kind: 'later' }
        return { kind: 'later' }
      })
      if (sent.kind === 'later') {
        entry.grown = true
        this.#retry = setTimeout(() => this.#wake(), retryMs)
        return
      }
      if (sent.kind === 'never') this.#say(`The record ${entry.path} stays on this machine only: ${sent.why}.`)
      if (sent.kind === 'sent' && over) this.#recorded(entry)
      if (sent.kind === 'never' || over) {
        this.#entries.delete(file)
        rmSync(file + todo, { force: true })
      }
    }
  }

  #recorded({ path: stream, correlationId }: Entry): void {
    if (correlationId === '') return
    this.#journal('info', { what: 'recorded', correlationId, stream, turnId: path.posix.basename(stream) })
  }

  #next(): [string, Entry] | undefined {
    return [...this.#entries].find(([, entry]) => entry.grown)
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
