import { PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'
import { AgentFailure } from './failure.ts'

const mostGarbageLines = 50
const mostGarbageBytes = 64 * 1024
const longestMessage = 32 * 1024 * 1024

/**
 * Stands between an agent's output and the protocol: passes lines that can be messages and keeps the rest for error texts.
 * Some CLIs print a banner first, so a few such lines are forgiven; a flood of them before the first answer is not.
 */
export class OutputWatch {
  readonly lines = new PassThrough()
  /** Rejects when the agent prints something else than the protocol. */
  readonly garbage: Promise<never>
  lastGarbage = ''
  readonly #redact: (text: string) => string
  #partial: string[] = []
  #length = 0
  #lines = 0
  #bytes = 0
  #accepted = false
  #fail: (failure: AgentFailure) => void = () => undefined

  /** @param redact takes secrets out of what is kept for error texts */
  constructor(stdout: Readable, redact: (text: string) => string) {
    this.#redact = redact
    this.garbage = new Promise((_resolve, reject) => {
      this.#fail = reject
    })
    this.garbage.catch(toldToWhoAsks)
    stdout.setEncoding('utf8')
    stdout.on('data', (text: string) => this.#read(text))
    stdout.on('end', () => this.lines.end())
    stdout.on('error', () => this.lines.end())
  }

  /** The agent has answered: from here on stray lines are only dropped. */
  accept(): void {
    this.#accepted = true
  }

  #read(text: string): void {
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#line(this.#take(text.slice(from, end)))
      from = end + 1
    }
    this.#keep(text.slice(from))
  }

  /** A line that is whole. */
  #line(line: string): void {
    if (line.trim() === '') return
    if (line.trimStart().startsWith('{')) this.lines.write(`${line}\n`)
    else this.#reject(line)
  }

  /** The beginning of a line: in pieces, as a long one would be copied again and again. */
  #keep(piece: string): void {
    if (piece === '') return
    this.#partial.push(piece)
    this.#length += piece.length
    if (this.#length > longestMessage) {
      this.#take('')
      this.#fail(
        new AgentFailure(
          'garbage',
          `The agent sent a message of more than ${longestMessage / 1024 / 1024} MB; it was stopped.`,
        ),
      )
    }
    // A message starts with a brace; a long line that does not will never be one.
    const begun = this.#partial.find((one) => one.trim() !== '') ?? ''
    if (this.#length > mostGarbageBytes && !begun.trimStart().startsWith('{')) this.#reject(this.#take(''))
  }

  #take(end: string): string {
    const whole = this.#partial.length === 0 ? end : this.#partial.join('') + end
    this.#partial = []
    this.#length = 0
    return whole
  }

  #reject(line: string): void {
    this.lastGarbage = this.#redact(line).slice(0, 300)
    this.#lines += 1
    this.#bytes += line.length
    if (this.#accepted || (this.#lines < mostGarbageLines && this.#bytes < mostGarbageBytes)) return
    this.#fail(
      new AgentFailure(
        'garbage',
        `The agent prints something else than the Agent Client Protocol: "${this.lastGarbage}". Is it started in its ACP mode?`,
      ),
    )
  }
}

/** Garbage may come when no request is open; the next request fails with it. */
function toldToWhoAsks(reason: unknown): void {
  if (!(reason instanceof AgentFailure)) throw reason
}
