import { formsOf } from '../secrets/forms.ts'
import { Matcher } from '../secrets/matcher.ts'

const secretName = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i
const mark = '[redacted]'

/** Whether a variable's name says that its value is a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** The part of a stream that may leave, and the rest, which has to wait for what comes next. */
export type Released = { readonly clean: string; readonly held: string }

/**
 * Replaces known secrets in everything that leaves the runner, in all forms in which programs print them
 * ({@link formsOf}), at every depth of plain data, in names as well as in values.
 */
export class Redaction {
  readonly #secrets: Set<string>
  #matcher: Matcher | undefined

  constructor(secrets: readonly string[]) {
    this.#secrets = new Set(secrets)
    this.#build()
  }

  /** Secrets by the names of environment variables, and others given. */
  static of(env: NodeJS.ProcessEnv, others: readonly string[]): Redaction {
    const named = Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && isSecretName(name) ? [value] : [],
    )
    return new Redaction([...named, ...others])
  }

  /** From here on these are secrets, too. None is ever forgotten: what is removed may still be in an agent's memory. */
  learn(secrets: readonly string[]): void {
    const before = this.#secrets.size
    for (const one of secrets) this.#secrets.add(one)
    if (this.#secrets.size > before) this.#build()
  }

  #build(): void {
    const forms = [...this.#secrets].flatMap(formsOf)
    this.#matcher = forms.length === 0 ? undefined : new Matcher([...new Set(forms)])
  }

  text(text: string): string {
    return this.#matcher ? replaced(text, this.#matcher.find(text).ranges, text.length) : text
  }

  /**
   * Redacts every string in plain data, the names of its fields included.
   * @param stays whole strings that are left as they are
   */
  data<T>(value: T, stays: (text: string) => boolean = () => false): T {
    if (!this.#matcher) return value
    const text = (one: string): string => (stays(one) ? one : this.text(one))
    const deep = (one: unknown): unknown => {
      if (typeof one === 'string') return text(one)
      if (Array.isArray(one)) return one.map(deep)
      if (typeof one !== 'object' || one === null) return one
      return Object.fromEntries(Object.entries(one).map(([key, inner]) => [text(key), deep(inner)]))
    }
    return deep(value) as T
  }

  /**
   * Takes as much of a stream as may leave now. Its end is held back while it could begin a secret: else a secret cut in two by
   * a delta or a window would leave in two harmless halves.
   * @param text what was held back before, and what has come
   */
  release(text: string): Released {
    if (!this.#matcher) return { clean: text, held: '' }
    const { ranges, open } = this.#matcher.find(text)
    let from = text.length - open
    const last = ranges.at(-1)
    // A secret that may go on as a second one, which overlaps it, waits with it.
    if (last && last[1] > from) from = Math.min(from, last[0])
    return { clean: replaced(text, ranges, from), held: text.slice(from) }
  }

  /** What was held back, when no more comes: the greater part of a secret does not leave either. */
  rest(held: string): string {
    if (!this.#matcher) return held
    const { ranges, open, mostly } = this.#matcher.find(held)
    if (!mostly) return replaced(held, ranges, held.length)
    const from = held.length - open
    return replaced(held, ranges, from) + ((ranges.at(-1)?.[1] ?? 0) > from ? '' : mark)
  }
}

/** `text` up to `to`, with a mark for each range; a range that goes beyond `to` is marked, too. */
function replaced(text: string, ranges: readonly (readonly [number, number])[], to: number): string {
  let clean = ''
  let at = 0
  for (const [from, end] of ranges) {
    if (from >= to) break
    clean += text.slice(at, from) + mark
    at = end
  }
  return clean + text.slice(at, Math.max(at, to))
}
