/**
 * What a person opened or shut, by id; absent means the default of its kind. What a person shut is not reopened by
 * the machine. Kept for each session on this device.
 */
export class Folds {
  readonly #key: string
  readonly #state = new Map<string, boolean>()

  constructor(sessionId: string, private_: { remember: boolean } = { remember: true }) {
    this.#key = private_.remember ? `coppice:folds:${sessionId}` : ''
    if (this.#key === '') return
    const kept = sessionStorageItem(this.#key)
    if (kept === null) return
    for (const [id, open] of parseKept(kept)) this.#state.set(id, open)
  }

  isOpen(id: string, fallback: boolean): boolean {
    return this.#state.get(id) ?? fallback
  }

  set(id: string, open: boolean): void {
    this.#state.set(id, open)
    if (this.#key !== '') keep(this.#key, JSON.stringify([...this.#state].slice(-KEPT_FOLDS)))
  }
}

/** The newest so many are kept; a default is a fair answer for older ones. */
const KEPT_FOLDS = 500

function parseKept(text: string): [string, boolean][] {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) return []
  return value.filter(
    (one): one is [string, boolean] => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'boolean',
  )
}

const sessionStorageItem = (key: string): string | null =>
  typeof localStorage === 'undefined' ? null : localStorage.getItem(key)

const keep = (key: string, value: string): void => {
  if (typeof localStorage !== 'undefined') localStorage.setItem(key, value)
}
