import { PROJECTION_VERSION } from '@coppice/events'
import { ConfirmedState } from './confirmed.ts'
import { MemoryStore } from './memory-store.ts'
import type { Storage } from './replica.ts'
import { StoreMove } from './store-move.ts'
import type { Store } from './store.ts'
import { View } from './view.ts'

/** What a move needs of the replica around it. */
export interface Movers {
  /** Does something while nothing else changes the replica. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  /** Everything else that writes or reads goes on here. */
  readonly follow: (confirmed: ConfirmedState, store: Store) => Promise<void>
  readonly became: (storage: Storage) => void
}

/** Where a replica lives: a store, the confirmed state that is in it and the view on that; and how all three move. */
export class Home {
  readonly #userId: string
  #store: Store
  #confirmed: ConfirmedState
  #view: View
  #moving: Promise<boolean> | undefined
  readonly #closing = new AbortController()

  private constructor(store: Store, confirmed: ConfirmedState, userId: string) {
    this.#store = store
    this.#confirmed = confirmed
    this.#userId = userId
    this.#view = new View(confirmed, store, userId)
  }

  static async open(store: Store, userId: string): Promise<Home> {
    return new Home(store, await ConfirmedState.load(store), userId)
  }

  get store(): Store {
    return this.#store
  }

  get confirmed(): ConfirmedState {
    return this.#confirmed
  }

  get view(): View {
    return this.#view
  }

  /**
   * Goes on in another store, when what this one holds is copied there; everything else has its turn meanwhile. A store
   * that cannot be written is given up, and the work goes on in this one. `copied` is called when everything is there.
   * @returns false where it was broken off by {@link Home.stay}
   */
  moveTo(store: Store, movers: Movers, copied?: () => Promise<void>): Promise<boolean> {
    this.#moving = this.#moveTo(store, movers, copied)
    return this.#moving
  }

  async #moveTo(store: Store, { alone, follow, became }: Movers, copied?: () => Promise<void>): Promise<boolean> {
    try {
      const move = await alone(async () => {
        const begun = await StoreMove.begin(this.#store, store)
        this.#confirmed.follow(begun.wrote)
        return begun
      })
      await move.copy(this.#closing.signal)
      await alone(async () => {
        await move.finish()
        await follow(this.#confirmed, store)
        await copied?.()
        this.#confirmed.moveTo(store)
        this.#view.moveTo(store)
        this.#store = store
        became(store.kind)
      })
    } catch (error) {
      this.#confirmed.follow(undefined)
      await store.close()
      if (this.#closing.signal.aborted) return false
      console.error('No copy could be made on this device.', error)
      await alone(() => follow(this.#confirmed, this.#store))
      became('full')
    }
    return true
  }

  /**
   * The disk is full or gone: it goes on in memory, as where there is no storage (LF-11). It begins empty there, because a
   * database that could not write is not to be read either, and the server sends all of it again.
   * @throws the error itself where this is in memory already
   */
  async leaveDisk(error: unknown, { follow }: Pick<Movers, 'follow'>): Promise<void> {
    if (this.#store.kind === 'memory') throw error
    console.error('The copy on this device cannot be written any more.', error)
    this.#store.giveUp?.(error)
    const store = new MemoryStore()
    await store.finishRebuild(PROJECTION_VERSION)
    this.#confirmed = await ConfirmedState.load(store)
    this.#view = new View(this.#confirmed, store, this.#userId)
    this.#store = store
    await follow(this.#confirmed, store)
  }

  /** A move that is under way is broken off; settles when nothing is copied any more. */
  async stay(): Promise<void> {
    this.#closing.abort()
    await this.#moving
  }
}
