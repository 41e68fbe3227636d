import type { Replica } from '@coppice/replica'
import { loadPicture, type LoadedPicture, type PicturePlace } from './load-picture.ts'

/** So much is kept, bytes: a picture that is scrolled back to is there at once. */
const KEPT_BYTES = 64 * 1024 * 1024

/** The pictures of one page's comparison. What is in a tree never changes. */
export class SidePictures {
  readonly #kept = new Map<string, LoadedPicture>()
  readonly #coming = new Map<string, Promise<LoadedPicture>>()

  async load(replica: Replica, place: PicturePlace): Promise<LoadedPicture> {
    const key = `${place.tree} ${place.path}`
    const known = this.#kept.get(key) ?? this.#coming.get(key)
    if (known) return known
    const loading = loadPicture(replica, place)
    this.#coming.set(key, loading)
    try {
      const loaded = await loading
      if (loaded.ok) this.#keep(key, loaded)
      return loaded
    } finally {
      this.#coming.delete(key)
    }
  }

  #keep(key: string, loaded: LoadedPicture): void {
    this.#kept.set(key, loaded)
    let bytes = [...this.#kept.values()].reduce((sum, one) => sum + sizeOf(one), 0)
    for (const [oldest, one] of this.#kept) {
      if (bytes <= KEPT_BYTES) break
      this.#kept.delete(oldest)
      bytes -= sizeOf(one)
    }
  }
}

const sizeOf = (loaded: LoadedPicture): number => (loaded.ok ? loaded.blob.size : 0)
