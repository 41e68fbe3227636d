import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { ToolFamily, TurnOutcome, Usage } from '@coppice/events'
import { safeId } from '../git/worktree.ts'

/** One line of a turn's transcript. */
export type TranscriptLine =
  | {
      readonly kind: 'turn'
      readonly turnId: string
      readonly runId: string
      /** Of the click that the turn goes back to (OB-1). */
      readonly correlationId?: string
      readonly text: string
      /** It says when the agent was asked, and what it answered: by that the turn can go on in a later process. */
      readonly resumable?: true
    }
  /** The agent is given the prompt now. */
  | { readonly kind: 'asked' }
  /** The agent has ended the turn in this way; only the telling is left. */
  | { readonly kind: 'answered'; readonly outcome: TurnOutcome; readonly message?: string; readonly usage?: Usage }
  | {
      readonly kind: 'text'
      readonly messageId: string
      readonly channel: 'agent' | 'thinking'
      readonly text: string
    }
  /** The message is whole and was handed to the spool. */
  | { readonly kind: 'message'; readonly messageId: string }
  | { readonly kind: 'toolStarted'; readonly toolId: string; readonly family: ToolFamily; readonly at: number }
  | { readonly kind: 'output'; readonly toolId: string; readonly text: string }
  | { readonly kind: 'toolFinished'; readonly toolId: string }
  | { readonly kind: 'ended' }

/** Lines that grow: their text comes in pieces, and its end stays open for the next one. */
type Growing = Extract<TranscriptLine, { kind: 'text' | 'output' }>
/** What ends such a line. */
const LINE_END = '"}\n'

const syncMs = 2_000
const syncBytes = 4 * 1024

/** Where the transcript of a turn is. */
export function transcriptFile(dataFolder: string, runId: string, turnId: string): string {
  return path.join(dataFolder, 'logs', `run-${safeId(runId)}-${safeId(turnId)}.jsonl`)
}

/**
 * The raw record of a turn, secrets taken out, on the runner's disk: each piece is written as it comes, and synced every
 * 2 s or 4 KiB. The pieces of a message make one line, so that a record costs no more than its text. A message that a
 * crash cut off is made from it, and from here it goes to the server, byte for byte.
 */
export class Transcript {
  readonly #file: number
  readonly #synced: () => void
  #growing: string | undefined
  #unsynced = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param synced told when more of it is on disk. */
  constructor(file: string, synced: () => void) {
    this.#synced = synced
    mkdirSync(path.dirname(file), { recursive: true })
    this.#file = openSync(file, 'a', 0o600)
  }

  write(line: TranscriptLine): void {
    // What an agent says after its turn has ended is not of the turn.
    if (this.#closed) return
    if (line.kind !== 'text' && line.kind !== 'output') {
      this.#append(`${this.#lineEnd()}${JSON.stringify(line)}\n`)
      // On the disk before the agent acts: a turn that was not asked for is begun again.
      if (line.kind === 'asked') this.#sync()
      return
    }
    const of = line.kind === 'text' ? line.messageId : line.toolId
    const text = JSON.stringify(line.text).slice(1, -1)
    if (this.#growing === of) return this.#append(text)
    const begun = this.#lineEnd() + begin(line) + text
    this.#growing = of
    this.#append(begun)
  }

  close(): void {
    if (this.#closed) return
    this.#append(this.#lineEnd())
    this.#closed = true
    this.#sync()
    closeSync(this.#file)
  }

  #lineEnd(): string {
    if (this.#growing === undefined) return ''
    this.#growing = undefined
    return LINE_END
  }

  #append(text: string): void {
    this.#unsynced += writeSync(this.#file, text)
    if (this.#unsynced >= syncBytes) this.#sync()
    else this.#timer ??= setTimeout(() => this.#sync(), syncMs)
  }

  #sync(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#unsynced === 0) return
    fdatasyncSync(this.#file)
    this.#unsynced = 0
    this.#synced()
  }
}

/** The line up to where its text begins; the text comes last. */
function begin(line: Growing): string {
  const { text: _text, ...words } = line
  return `${JSON.stringify(words).slice(0, -1)},"text":"`
}

/** Reads a turn's transcript; of a last line that a crash cut, what there is of its text. */
export function readTranscript(file: string): TranscriptLine[] {
  return contentOf(file)
    .toString()
    .split('\n')
    .flatMap((text) => parseLine(text) ?? parseCutLine(text) ?? [])
}

/** How long a transcript is, in bytes, and what it hashes to: what the log keeps of it. Undefined if there is none. */
export function digestOf(file: string): { bytes: number; sha256: string } | undefined {
  const content = contentOf(file)
  if (content.length === 0) return undefined
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

function parseLine(text: string): TranscriptLine | undefined {
  try {
    return text === '' ? undefined : (JSON.parse(text) as TranscriptLine)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** It may end within a letter or an escape, which is at most six long. */
function parseCutLine(text: string): TranscriptLine | undefined {
  const whole = text.replace(/\ufffd+$/, '')
  for (let less = 0; less < 6; less += 1) {
    const line = parseLine(whole.slice(0, whole.length - less) + LINE_END)
    if (line) return line
  }
  return undefined
}
