import { stat } from 'node:fs/promises'

/** Which files the model has seen as they are now: a file that it never saw, or that changed since, is not overwritten blindly. */
export class SeenFiles {
  readonly #seen = new Map<string, string>()

  /** The model knows the file as it is now. */
  async saw(full: string): Promise<void> {
    const now = await stampOf(full)
    if (now !== undefined) this.#seen.set(full, now)
  }

  /** Whether the file is as the model last saw it. */
  async isKnown(full: string): Promise<boolean> {
    const known = this.#seen.get(full)
    return known !== undefined && known === (await stampOf(full))
  }

  /** Forgets everything: after a summary the model has no file before it any more. */
  forget(): void {
    this.#seen.clear()
  }
}

async function stampOf(full: string): Promise<string | undefined> {
  const status = await stat(full, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return status && `${status.size}:${status.mtimeNs}`
}
