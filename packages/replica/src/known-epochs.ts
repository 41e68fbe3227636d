import { z } from 'zod'
import type { Store } from './store.ts'

const NOTE = 'epochs'
const noteSchema = z.record(z.string(), z.string())
type Notes = Pick<Store, 'note' | 'keepNote'>

/**
 * In which epoch of each log this device's commands were accepted, whatever becomes of its rows: a log that was begun anew
 * while nothing of it was here must be offered them again all the same (LF-8).
 */
export class KnownEpochs {
  #store: Notes
  #byLog: ReadonlyMap<string, string>

  private constructor(store: Notes, byLog: ReadonlyMap<string, string>) {
    this.#store = store
    this.#byLog = byLog
  }

  static async load(store: Notes): Promise<KnownEpochs> {
    const note = await store.note(NOTE)
    return new KnownEpochs(store, new Map(note === undefined ? [] : Object.entries(noteSchema.parse(JSON.parse(note)))))
  }

  /** Keeps what it knows in another store from now on. */
  async moveTo(store: Notes): Promise<void> {
    this.#store = store
    await this.#write()
  }

  /** Whether this is another epoch than the one that was known. */
  isOther(log: string, epoch: string): boolean {
    const known = this.#byLog.get(log)
    return known !== undefined && known !== epoch
  }

  async keep(logs: readonly { readonly log: string; readonly epoch: string }[]): Promise<void> {
    if (logs.every(({ log, epoch }) => this.#byLog.get(log) === epoch)) return
    this.#byLog = new Map([...this.#byLog, ...logs.map(({ log, epoch }) => [log, epoch] as const)])
    await this.#write()
  }

  async #write(): Promise<void> {
    await this.#store.keepNote(NOTE, JSON.stringify(Object.fromEntries(this.#byLog)))
  }
}
