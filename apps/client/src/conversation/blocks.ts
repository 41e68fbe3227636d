import { Lexer, type Token } from 'marked'

/** One Markdown block with its tokens. Its identity is the key of its rendered nodes: kept blocks are never rendered again. */
export interface Block {
  readonly raw: string
  readonly token: Token
}

/** All blocks of a finished text. */
export function parseBlocks(text: string): Block[] {
  return toBlocks(lex(normalised(text)))
}

const lex = (text: string): Token[] => new Lexer({ gfm: true }).lex(text)

const toBlocks = (tokens: readonly Token[]): Block[] =>
  tokens.filter((token) => token.type !== 'space').map((token) => ({ raw: token.raw, token }))

/** One line end. A trailing `\r` waits for what follows it. */
const normalised = (text: string): string =>
  text
    .replace(/\r\n/g, '\n')
    .replace(/\r(?=.|\n)/gs, '\n')
    .replace(/\r$/, '')

/**
 * Parses a text that only grows. A block is settled when it ends in a blank line and two more blocks follow it: then
 * nothing that comes can change it. Only what is after the settled part is lexed again. A link definition or raw HTML
 * can reach back, so the first one found puts the whole message on full parses (the rule of Streamdown #608).
 * Law, tested: after every prefix, `blocks()` equals a full parse of that prefix.
 */
export class GrowingBlocks {
  #settled: Block[] = []
  #settledText = ''
  #open: Block[] = []
  #text = ''
  #whole = false
  /** Characters lexed in all, for the tests that count work instead of time. */
  lexed = 0

  get text(): string {
    return this.#text
  }

  get settled(): readonly Block[] {
    return this.#settled
  }

  /** What may still change: usually one block, at most a few. */
  get open(): readonly Block[] {
    return this.#open
  }

  blocks(): readonly Block[] {
    return [...this.#settled, ...this.#open]
  }

  /** Takes the text so far. A text that does not continue the settled part is parsed from its start. */
  update(raw: string): void {
    const text = normalised(raw)
    if (text === this.#text) return
    this.#text = text
    if (!text.startsWith(this.#settledText)) {
      this.#settled = []
      this.#settledText = ''
      this.#whole = false
    }
    const tail = this.#whole ? text : text.slice(this.#settledText.length)
    const tokens = lex(tail)
    this.lexed += tail.length
    if (!this.#whole && tokens.some(reachesBack)) {
      this.#whole = true
      this.#settled = []
      this.#settledText = ''
      const all = lex(text)
      this.lexed += text.length
      this.#open = toBlocks(all)
      return
    }
    const border = this.#whole ? 0 : settledBorder(tokens)
    const kept = this.#whole ? toBlocks(tokens) : keepKnown(this.#open, toBlocks(tokens))
    const settledCount = tokens.slice(0, border).filter((token) => token.type !== 'space').length
    this.#settled = settledCount === 0 ? this.#settled : [...this.#settled, ...kept.slice(0, settledCount)]
    this.#settledText += tokens
      .slice(0, border)
      .map((token) => token.raw)
      .join('')
    this.#open = kept.slice(settledCount)
  }
}

/** How many leading tokens nothing can change any more. */
function settledBorder(tokens: readonly Token[]): number {
  let following = 0
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]
    if (token === undefined) continue
    const endsBlank = token.type === 'space' ? i > 0 : token.raw.endsWith('\n\n')
    if (following >= 2 && endsBlank) return i + 1
    if (token.type !== 'space') following++
  }
  return 0
}

/** Raw HTML may run on, and a definition changes links before it. */
const reachesBack = (token: Token): boolean => token.type === 'html' || token.type === 'def'

/** Blocks whose text did not change keep their identity, and with it their rendered nodes. */
function keepKnown(old: readonly Block[], fresh: Block[]): Block[] {
  return fresh.map((block, i) => {
    const before = old[i]
    return before !== undefined && before.raw === block.raw && before.token.type === block.token.type ? before : block
  })
}
