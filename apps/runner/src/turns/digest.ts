import { asSessionEvent, type RecordedEvent, type SessionEvent, type ToolFamily } from '@coppice/events'
import { cutEnd } from './tool-text.ts'

/** More steps than this in one turn, and a reader wants a summary of it (M-10). */
export const manySteps = 20
const mostFiles = 20
const mostFailed = 5
const mostLastWords = 600

type Counted = { additions: number; deletions: number }

const nouns: Readonly<Record<ToolFamily, readonly [string, string]>> = {
  read: ['file read', 'files read'],
  search: ['search', 'searches'],
  write: ['file written', 'files written'],
  edit: ['edit', 'edits'],
  delete: ['file deleted', 'files deleted'],
  run: ['command', 'commands'],
  fetch: ['page fetched', 'pages fetched'],
  agent: ['sub-agent', 'sub-agents'],
  other: ['other tool', 'other tools'],
}

/**
 * A summary by fixed rules, without a model: what was done how often, which files changed, what failed, and the last words. It
 * is made of events, so that it says nothing that the log does not.
 */
export class Digest {
  readonly #steps = new Map<ToolFamily, number>()
  readonly #files = new Map<string, Counted>()
  readonly #failed: string[] = []
  #turns = 0
  #lastWords = ''

  static of(events: readonly RecordedEvent[]): Digest {
    const digest = new Digest()
    for (const recorded of events) {
      const event = asSessionEvent(recorded)
      if (event) digest.note(event.type, event.data)
    }
    return digest
  }

  /** Takes note of an event of the session, in the order of the log; of most kinds it wants nothing. */
  note(type: string, data: unknown): void {
    const known = { type, data } as SessionEvent
    if (known.type === 'turn.ended') this.#turns += 1
    if (known.type === 'message.added' && known.data.kind === 'agent') this.#lastWords = known.data.text
    if (known.type === 'tool.finished') this.#noteStep(known.data)
  }

  get steps(): number {
    return [...this.#steps.values()].reduce((sum, one) => sum + one, 0)
  }

  get turns(): number {
    return this.#turns
  }

  /** As Markdown. @param of what it is a summary of: "This turn" */
  words(of: string): string {
    const counts = [...this.#steps].map(([family, n]) => `${n} ${nouns[family][n === 1 ? 0 : 1]}`)
    const files = [...this.#files].map(([file, { additions, deletions }]) => `\`${file}\` +${additions} −${deletions}`)
    const parts = [
      `${of} took ${this.steps} ${this.steps === 1 ? 'step' : 'steps'}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}.`,
      listed('Changed:', files, mostFiles),
      listed('Failed:', this.#failed, mostFailed),
      this.#lastWords.trim() === ''
        ? ''
        : `The last words:\n\n${quoted(cutEnd(this.#lastWords.trim(), mostLastWords))}`,
    ]
    return parts.filter((part) => part !== '').join('\n\n')
  }

  #noteStep({ family, outcome, target, exitCode, changes }: Extract<SessionEvent, { type: 'tool.finished' }>['data']) {
    const kind = family ?? 'other'
    this.#steps.set(kind, (this.#steps.get(kind) ?? 0) + 1)
    if (outcome === 'failed' || (typeof exitCode === 'number' && exitCode !== 0)) {
      const code = typeof exitCode === 'number' ? ` (exit ${exitCode})` : ''
      this.#failed.push(`\`${cutEnd((target || kind).split('\n')[0] ?? '', 120)}\`${code}`)
    }
    for (const { path, additions, deletions } of changes ?? []) {
      const known = this.#files.get(path) ?? { additions: 0, deletions: 0 }
      this.#files.set(path, { additions: known.additions + additions, deletions: known.deletions + deletions })
    }
  }
}

function listed(title: string, lines: readonly string[], most: number): string {
  if (lines.length === 0) return ''
  const more = lines.length > most ? [`- and ${lines.length - most} more`] : []
  return [title, '', ...lines.slice(0, most).map((line) => `- ${line}`), ...more].join('\n')
}

const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
