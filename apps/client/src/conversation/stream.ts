import { createSignal, type Accessor } from 'solid-js'
import { GrowingBlocks, type Block } from './blocks.ts'
import { chunkStarts } from './chunks.ts'

/** The open block is lexed again at most so often; a long one less often. */
const LEX_MS = 50
const LEX_LONG_MS = 250
const LONG_CHARS = 4096

/**
 * One message while it is being written: its text comes in, settled blocks come out once and for all, and only the
 * open end changes. Its chunks are cut over settled blocks, so their cuts never move.
 */
export class Stream {
  readonly settled: Accessor<readonly Block[]>
  readonly open: Accessor<readonly Block[]>
  readonly #setSettled: (blocks: readonly Block[]) => void
  readonly #setOpen: (blocks: readonly Block[]) => void
  readonly #growing = new GrowingBlocks()
  readonly #partsChanged: () => void
  #starts: readonly number[] = [0]
  #text = ''
  #lexedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(partsChanged: () => void) {
    const [settled, setSettled] = createSignal<readonly Block[]>([])
    const [open, setOpen] = createSignal<readonly Block[]>([])
    this.settled = settled
    this.open = open
    this.#setSettled = setSettled
    this.#setOpen = setOpen
    this.#partsChanged = partsChanged
  }

  get parts(): number {
    return this.#starts.length
  }

  /** The settled blocks of a chunk; the last one is followed by the open end. */
  settledOf(part: number): readonly Block[] {
    return this.settled().slice(this.#starts[part] ?? 0, this.#starts[part + 1])
  }

  take(text: string): void {
    this.#text = text
    if (this.#timer !== undefined) return
    const openChars = this.#growing.open.reduce((sum, block) => sum + block.raw.length, 0)
    const wait = this.#lexedAt + (openChars > LONG_CHARS ? LEX_LONG_MS : LEX_MS) - performance.now()
    if (wait <= 0) this.#lex()
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#lex()
      }, wait)
  }

  /** The whole text has come; answers its blocks, the settled ones being the same objects as before. */
  finish(text: string): readonly Block[] {
    clearTimeout(this.#timer)
    this.#growing.update(text)
    return this.#growing.blocks()
  }

  #lex(): void {
    this.#lexedAt = performance.now()
    const before = this.#growing.settled
    this.#growing.update(this.#text)
    this.#setOpen(this.#growing.open)
    if (this.#growing.settled === before) return
    const starts = chunkStarts(this.#growing.settled)
    const grew = starts.length !== this.#starts.length
    this.#starts = starts
    this.#setSettled(this.#growing.settled)
    if (grew) this.#partsChanged()
  }
}
