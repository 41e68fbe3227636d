const secretName = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i
const shortestSecret = 8

/** Replaces known secrets in everything that leaves the runner. */
export class Redaction {
  #secrets: readonly string[]

  constructor(secrets: readonly string[]) {
    // Longer ones first: one secret may hold another.
    this.#secrets = [...new Set(secrets)]
      .filter((one) => one.length >= shortestSecret)
      .sort((a, b) => b.length - a.length)
  }

  /** Secrets by the names of environment variables, and others given. */
  static of(env: NodeJS.ProcessEnv, others: readonly string[]): Redaction {
    const named = Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && secretName.test(name) ? [value] : [],
    )
    return new Redaction([...named, ...others])
  }

  /** One more, that was made after the start. */
  learn(secret: string): void {
    this.#secrets = new Redaction([...this.#secrets, secret]).#secrets
  }

  /** It is good for nothing any more. */
  forget(secret: string): void {
    this.#secrets = this.#secrets.filter((one) => one !== secret)
  }

  text(text: string): string {
    let clean = text
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, '[redacted]')
    return clean
  }

  /** Redacts every string in plain data. */
  data<T>(value: T): T {
    if (this.#secrets.length === 0) return value
    return this.#deep(value) as T
  }

  #deep(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((one) => this.#deep(one))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#deep(one)]))
    }
    return value
  }

  /**
   * The length of the end of `text` that could be the beginning of a secret. A stream holds that much back until it knows:
   * else a secret cut in two by the coalescing window would leave in two harmless halves.
   */
  heldBack(text: string): number {
    let most = 0
    for (const secret of this.#secrets) {
      for (let n = Math.min(secret.length - 1, text.length); n > most; n -= 1) {
        if (text.endsWith(secret.slice(0, n))) most = n
      }
    }
    return most
  }
}
