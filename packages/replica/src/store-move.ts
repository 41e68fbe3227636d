import { PROJECTION_VERSION } from '@coppice/events'
import { batchesOf, imageOf, type LogImage } from './store-image.ts'
import type { Batch, Store } from './store.ts'

/** Something that was written into a store. */
export type Written = { readonly batch: Batch } | { readonly erased: string }

/** So few writes are done in one go, with everything else waiting. */
const FEW_WRITES = 4
/** Whoever writes faster than a disk takes it waits for it after so many rounds. */
const CATCH_UP_ROUNDS = 50

/**
 * Copies a store that is in use into an empty one: an image of one moment, slice by slice, and then what was written
 * meanwhile, in the same order. Between two slices everything else has its turn.
 */
export class StoreMove {
  readonly #target: Store
  readonly #images: readonly LogImage[]
  #written: Written[] = []

  private constructor(target: Store, images: readonly LogImage[]) {
    this.#target = target
    this.#images = images
  }

  /** The source must stand still until this is done; from then on, each of its writes is to be told to {@link StoreMove.wrote}. */
  static async begin(source: Store, target: Store): Promise<StoreMove> {
    return new StoreMove(target, await imageOf(source))
  }

  readonly wrote = (written: Written): void => {
    this.#written.push(written)
  }

  /**
   * Copies until few writes are left for {@link StoreMove.finish}.
   * @throws what the target throws, and the signal's reason; the target is then a replica that lacks something, or is begun anew.
   */
  async copy(signal: AbortSignal): Promise<void> {
    for (const { log } of await this.#target.cursors()) await this.#target.eraseLog(log)
    await this.#target.beginRebuild()
    await this.#target.finishRebuild(PROJECTION_VERSION)
    for (const image of this.#images) {
      for (const batch of batchesOf(image)) {
        await this.#target.apply(batch)
        await othersFirst(signal)
      }
    }
    for (let round = 0; round < CATCH_UP_ROUNDS && this.#written.length > FEW_WRITES; round += 1) {
      const written = this.#written
      this.#written = []
      for (const one of written) {
        await this.#repeat(one)
        await othersFirst(signal)
      }
    }
  }

  /** The last writes. The source must stand still. */
  async finish(): Promise<void> {
    for (const one of this.#written) await this.#repeat(one)
    this.#written = []
  }

  #repeat(written: Written): Promise<void> {
    return 'batch' in written ? this.#target.apply(written.batch) : this.#target.eraseLog(written.erased)
  }
}

/** A database in this thread answers without ever letting go of it: messages and timers come in here. */
async function othersFirst(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0))
  signal.throwIfAborted()
}
