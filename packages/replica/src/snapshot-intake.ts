import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalText, hashOf, hashText, rootOfPeaks, type RowChange } from '@coppice/events'
import { snapshotText, type Snapshot } from '@coppice/protocol'
import type { ConfirmedState } from './confirmed.ts'

/** What became of a part: rows changed; `whole` with the last; a `problem` where the snapshot is not what was signed. */
export type Taken = { readonly changes: readonly RowChange[]; readonly whole: boolean } | { readonly problem: string }

/**
 * Takes a snapshot part by part. Rows are stored as they come, the cursor only with the last part, when digest and signature
 * have been checked: one that is broken off leaves a log without a cursor, which is begun anew.
 */
export class SnapshotIntake {
  #confirmed: ConfirmedState
  readonly #signed: (text: string, keyId: string, signature: string) => boolean
  readonly #underWay = new Map<string, { part: number; digest: ReturnType<typeof sha256.create> }>()

  constructor(confirmed: ConfirmedState, signed: (text: string, keyId: string, signature: string) => boolean) {
    this.#confirmed = confirmed
    this.#signed = signed
  }

  /** Goes on with what is under way in another state. */
  moveTo(confirmed: ConfirmedState): void {
    this.#confirmed = confirmed
  }

  async take(message: Snapshot): Promise<Taken> {
    const { log, epoch, part, projection, events, streams, end } = message
    const changes: RowChange[] = []
    if (part === 0) {
      changes.push(...(await this.#confirmed.erase(log)))
      this.#underWay.set(log, { part: 0, digest: sha256.create() })
    }
    const state = this.#underWay.get(log)
    if (state?.part !== part) return { problem: `Part ${part} of a snapshot of ${log} came out of order.` }
    state.part += 1
    for (const one of [...events, ...streams]) state.digest.update(utf8ToBytes(`${canonicalText(one)}\n`))
    const aside = { leaves: [], headers: streams, projection }
    changes.push(...(await this.#confirmed.apply({ log, epoch, position: 0 }, events, aside)))
    if (!end) return { changes, whole: false }
    this.#underWay.delete(log)
    const problem = this.#problem(message, hashText(state.digest.digest()))
    if (problem !== undefined) return { problem }
    await this.#confirmed.apply({ log, epoch, position: message.position, peaks: end.peaks }, [])
    return { changes, whole: true }
  }

  #problem({ log, epoch, position, projection, end }: Snapshot, digest: string): string | undefined {
    if (!end) return undefined
    if (end.digest !== digest) return `A snapshot of ${log} is not what its digest says.`
    const root = hashText(rootOfPeaks(end.peaks.map(hashOf)))
    const text = snapshotText({ log, epoch, position, projection, root, digest, at: end.at })
    return this.#signed(text, end.keyId, end.signature)
      ? undefined
      : `A snapshot of ${log} is not signed by this server.`
  }
}
