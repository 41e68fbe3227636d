import type { LogId } from '@coppice/events'
import { PATCHES_AT_ONCE } from '@coppice/protocol'
import type { Replica } from '@coppice/replica'
import { batch as together } from 'solid-js'
import { isAway, keepAnswer, keptAnswer } from '../sync/kept-answers.ts'
import type { FileModel } from './file-model.ts'

/** Changed lines that are asked for at once: what is on the page comes before what is far below it. */
const LINES_AT_ONCE = 8_000
/** Of one file so much is shown, characters. */
const MOST_CHARS = 48 * 1024 * 1024

/** Fetches the patches of files that come near the page, some at a time, those asked for last first. */
export class PatchLoader {
  readonly #replica: Replica
  readonly #log: LogId
  readonly #sessionId: string
  #waiting: FileModel[] = []
  #busy = false
  #closed = false

  constructor(replica: Replica, log: LogId, sessionId: string) {
    this.#replica = replica
    this.#log = log
    this.#sessionId = sessionId
  }

  /** Files that are needed now, in order; what waited before and is not among them is not fetched any more. */
  want(files: readonly FileModel[]): void {
    this.#waiting = files.filter((file) => file.patch().kind === 'none')
    if (!this.#busy) void this.#work()
  }

  close(): void {
    this.#closed = true
    this.#waiting = []
  }

  async #work(): Promise<void> {
    this.#busy = true
    try {
      while (this.#waiting.length > 0 && !this.#closed) {
        const batch = this.#next()
        await this.#fetch(batch).catch((error: unknown) => {
          for (const file of batch) file.failed(error instanceof Error ? error.message : String(error))
        })
      }
    } finally {
      this.#busy = false
    }
  }

  #next(): FileModel[] {
    const batch: FileModel[] = []
    const first = this.#waiting[0]
    let lines = 0
    for (const file of this.#waiting) {
      const { additions, deletions } = file.info()
      lines += additions + deletions
      const together = file.sides().from === first?.sides().from && file.sides().to === first.sides().to
      if (batch.length > 0 && (lines > LINES_AT_ONCE || batch.length === PATCHES_AT_ONCE || !together)) break
      batch.push(file)
    }
    this.#waiting = this.#waiting.slice(batch.length)
    return batch
  }

  async #fetch(batch: readonly FileModel[]): Promise<void> {
    together(() => batch.forEach((file) => file.loading()))
    const answer = await this.#ask(batch, 0)
    if (!answer.ok) {
      for (const file of batch) await this.#fromBefore(file, answer)
      return
    }
    together(() => {
      for (const [index, file] of batch.entries()) {
        const part = answer.patches[index]
        // What there was no room for is asked for again.
        if (!part) file.forget()
        else {
          file.loaded(part.patch, part.next === undefined ? 'none' : 'coming')
          if (part.next === undefined)
            void keepAnswer(this.#replica, this.#log, this.#request([file], 0), { ok: true, patches: [part] })
        }
      }
    })
    for (const [index, file] of batch.entries()) {
      const part = answer.patches[index]
      if (part?.next !== undefined) await this.#rest(file, part.patch, part.next)
    }
  }

  /** Both sides of a patch never change: what was told before is as good as new. */
  async #fromBefore(file: FileModel, failure: { readonly ok: false; readonly code: string; readonly message: string }) {
    const kept = isAway(failure) ? await keptAnswer(this.#replica, this.#log, this.#request([file], 0)) : undefined
    const patch = kept?.ok === true ? kept.patches[0]?.patch : undefined
    if (patch === undefined) file.failed(failure.message)
    else file.loaded(patch, 'none')
  }

  /** A large patch is shown as far as it is there. */
  async #rest(file: FileModel, begun: string, from: number): Promise<void> {
    const parts = [begun]
    let next: number | undefined = from
    while (next !== undefined && next < MOST_CHARS && !this.#closed) {
      const answer = await this.#ask([file], next)
      if (!answer.ok) {
        file.failed(answer.message)
        return
      }
      parts.push(answer.patches[0]?.patch ?? '')
      next = answer.patches[0]?.next
    }
    file.loaded(parts.join(''), next === undefined ? 'none' : 'too_large')
  }

  #ask(batch: readonly FileModel[], offset: number) {
    return this.#replica.query(this.#log, this.#request(batch, offset))
  }

  #request(batch: readonly FileModel[], offset: number) {
    const sides = batch[0]?.sides() ?? { from: '', to: '', ignoreSpace: false }
    return {
      kind: 'diff.patches' as const,
      sessionId: this.#sessionId,
      ...sides,
      offset,
      files: batch.map((file) => {
        const { path, from } = file.info()
        return { path, ...(from !== undefined && { from }) }
      }),
    }
  }
}
