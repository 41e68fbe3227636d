import { ed25519 } from '@noble/curves/ed25519.js'
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { hashOf, headText, newId, signedHeadSchema, verifyConsistency, type SignedHead } from '@coppice/events'
import { serverKeySchema, type FromClient, type ProofAnswer, type ServerKey } from '@coppice/protocol'
import { z } from 'zod'
import type { Cursor, Store } from './store.ts'
import { rootOf } from './tree-edge.ts'

/** What this device knows of the server, whatever becomes of the logs. */
const memorySchema = z.object({
  key: serverKeySchema.optional(),
  /** The newest head it saw of each log, by "log epoch". */
  heads: z.record(z.string(), signedHeadSchema),
})
type Memory = z.infer<typeof memorySchema>

export const WITNESS_NOTE = 'witness'

export interface WitnessOptions {
  readonly store: Pick<Store, 'note' | 'keepNote'>
  readonly send: (message: FromClient) => void
  /** Told in a sentence for the person. */
  readonly distrust: (sentence: string) => void
}

/** What a log says of itself after a restore. */
export interface Restored {
  readonly log: string
  readonly fromEpoch: string
  readonly size: number
}

/** A question for proof on its way: that the tree of `size` begins with that of `earlier`. */
interface Question {
  readonly log: string
  readonly earlier: { readonly size: number; readonly root: string }
  readonly later: { readonly size: number; readonly root: string }
  /** The head it is about. */
  readonly head: SignedHead
}

/**
 * Keeps what the server vouched for, and has it prove that each new head continues the last (AU-2): a server that rewrites
 * history, or shows different ones to different people, is found out by whoever saw the other.
 */
export class Witness {
  #store: Pick<Store, 'note' | 'keepNote'>
  readonly #send: (message: FromClient) => void
  /** Told once, in a sentence for the person, with the heads that do not agree. */
  readonly #distrust: (sentence: string) => void
  readonly #questions = new Map<string, Question>()
  /** Heads of what this replica has not fetched yet. */
  #ahead: SignedHead[] = []
  #memory: Memory = { heads: {} }

  private constructor(of: WitnessOptions) {
    this.#store = of.store
    this.#send = of.send
    this.#distrust = of.distrust
  }

  static async load(of: WitnessOptions): Promise<Witness> {
    const witness = new Witness(of)
    const note = await of.store.note(WITNESS_NOTE)
    if (note !== undefined) witness.#memory = memorySchema.parse(JSON.parse(note))
    return witness
  }

  /** Keeps what it knows in another store from now on. */
  async moveTo(store: Pick<Store, 'note' | 'keepNote'>): Promise<void> {
    this.#store = store
    await this.#remember(this.#memory)
  }

  /** The newest head seen of a log, to be told to the others. */
  newest(cursor: Pick<Cursor, 'log' | 'epoch'>): SignedHead | undefined {
    return this.#memory.heads[nameOf(cursor)]
  }

  /** The server said which key is its own. The first is believed, every later one must be the same. */
  async met(key: ServerKey): Promise<void> {
    const known = this.#memory.key
    if (known === undefined) await this.#remember({ ...this.#memory, key })
    else if (known.publicKey !== key.publicKey)
      this.#distrust(
        `The server signs with another key (${key.keyId}) than the one this device knows (${known.keyId}). It may have been set up anew, or be another server at this address. Ask who runs it.`,
      )
  }

  /** Whether the known key signed this text. */
  signed(text: string, keyId: string, signature: string): boolean {
    const key = this.#memory.key
    if (key === undefined || key.keyId !== keyId) return false
    return ed25519.verify(hexToBytes(signature), utf8ToBytes(text), hexToBytes(key.publicKey))
  }

  /** A head that the server signed, told by it or passed on from somebody else: has it compared with what is here. */
  async saw(head: SignedHead, cursor: Cursor | undefined): Promise<void> {
    if (cursor?.epoch !== head.epoch) return
    if (!this.signed(headText(head), head.keyId, head.signature)) {
      this.#distrust(`A tree head of ${head.log} with ${head.size} events is not signed by this server.`)
      return
    }
    if (head.size > cursor.position) {
      this.#ahead = [...this.#ahead.filter((one) => one.log !== head.log), head]
      return
    }
    const known = this.newest(cursor)
    if (known?.size === head.size) {
      if (known.root !== head.root) this.#twoHistories(known, head)
      return
    }
    this.#ask(head, cursor)
  }

  /** The replica's cursor moved: heads that were ahead of it can be compared now. */
  async moved(cursor: Cursor): Promise<void> {
    const due = this.#ahead.filter((head) => head.log === cursor.log && head.size <= cursor.position)
    if (due.length === 0) return
    this.#ahead = this.#ahead.filter((head) => !due.includes(head))
    for (const head of due) await this.saw(head, cursor)
  }

  /** After connecting, or beginning anew from a snapshot: does what is here continue what was seen before? */
  check(cursor: Cursor): void {
    const known = this.newest(cursor)
    if (known && known.size <= cursor.position) this.#ask(known, cursor)
  }

  /** A log that was restored must still begin with what was signed before, as far as its backup had it. */
  restored({ log, fromEpoch, size }: Restored, cursor: Cursor): void {
    const known = this.newest({ log, epoch: fromEpoch })
    if (known && known.size <= size) this.#ask(known, cursor)
  }

  async answered(answer: ProofAnswer): Promise<void> {
    const question = this.#questions.get(answer.id)
    if (question === undefined) return
    this.#questions.delete(answer.id)
    const { earlier, later, head } = question
    const proven =
      answer.consistency !== undefined &&
      verifyConsistency({
        earlier: earlier.size,
        earlierRoot: hashOf(earlier.root),
        size: later.size,
        root: hashOf(later.root),
        proof: answer.consistency.map(hashOf),
      })
    if (!proven) {
      const why = answer.problem === undefined ? '' : ` It says: ${answer.problem}`
      this.#distrust(
        `The server cannot prove that its record of ${head.log} continues what it signed before (${head.size} events, ${head.root.slice(0, 12)}…).${why}`,
      )
      return
    }
    const known = this.#memory.heads[nameOf(head)]
    if (known && known.size >= head.size) return
    await this.#remember({ ...this.#memory, heads: { ...this.#memory.heads, [nameOf(head)]: head } })
  }

  /** Questions that were on their way when the connection went. */
  interrupted(): void {
    this.#questions.clear()
  }

  #ask(head: SignedHead, cursor: Cursor): void {
    const root = rootOf(cursor)
    if (root === undefined) return
    if (head.size === cursor.position && head.root !== root) return this.#twoHistories(head, { ...head, root })
    const id = newId()
    const later = { size: cursor.position, root }
    this.#questions.set(id, { log: cursor.log, earlier: { size: head.size, root: head.root }, later, head })
    this.#send({ t: 'prove', id, log: cursor.log, size: later.size, earlier: head.size })
  }

  #twoHistories(one: SignedHead, other: SignedHead): void {
    this.#distrust(
      `There are two records of ${one.log}: of its first ${one.size} events the server signed ${one.root.slice(0, 12)}… and showed ${other.root.slice(0, 12)}….`,
    )
  }

  async #remember(memory: Memory): Promise<void> {
    this.#memory = memory
    await this.#store.keepNote(WITNESS_NOTE, JSON.stringify(memory))
  }
}

const nameOf = ({ log, epoch }: { log: string; epoch: string }): string => `${log} ${epoch}`
