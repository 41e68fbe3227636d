import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { ToolFamily } from '@coppice/events'
import { safeId } from '../git/worktree.ts'

/** One line of a run's transcript. */
export type TranscriptLine =
  | { readonly kind: 'turn'; readonly turnId: string; readonly text: string }
  | {
      readonly kind: 'text'
      readonly turnId: string
      readonly messageId: string
      readonly channel: 'agent' | 'thinking'
      readonly text: string
    }
  /** The message is whole and was handed to the spool. */
  | { readonly kind: 'message'; readonly turnId: string; readonly messageId: string }
  | {
      readonly kind: 'toolStarted'
      readonly turnId: string
      readonly toolId: string
      readonly family: ToolFamily
      readonly at: number
    }
  | { readonly kind: 'output'; readonly turnId: string; readonly toolId: string; readonly text: string }
  | { readonly kind: 'toolFinished'; readonly turnId: string; readonly toolId: string }
  | { readonly kind: 'ended'; readonly turnId: string }

const syncMs = 2_000
const syncBytes = 4 * 1024

/** Where the transcript of a run is. */
export function transcriptFile(dataFolder: string, runId: string): string {
  return path.join(dataFolder, 'logs', `run-${safeId(runId)}.jsonl`)
}

/**
 * The raw record of a run, secrets taken out, on the runner's disk: synced every 2 s or 4 KiB. A message that a crash cut
 * off is made from it.
 */
export class Transcript {
  readonly #file: number
  #unsynced = 0
  #timer: NodeJS.Timeout | undefined

  constructor(dataFolder: string, runId: string) {
    const name = transcriptFile(dataFolder, runId)
    mkdirSync(path.dirname(name), { recursive: true })
    this.#file = openSync(name, 'a', 0o600)
  }

  write(line: TranscriptLine): void {
    this.#unsynced += writeSync(this.#file, `${JSON.stringify(line)}\n`)
    if (this.#unsynced >= syncBytes) this.#sync()
    else this.#timer ??= setTimeout(() => this.#sync(), syncMs)
  }

  close(): void {
    this.#sync()
    closeSync(this.#file)
  }

  #sync(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#unsynced > 0) fdatasyncSync(this.#file)
    this.#unsynced = 0
  }
}

/** Reads a run's transcript; a last line that a crash cut is left out. */
export function readTranscript(dataFolder: string, runId: string): TranscriptLine[] {
  let text: string
  try {
    text = readFileSync(transcriptFile(dataFolder, runId), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as TranscriptLine]
    } catch (error) {
      if (error instanceof SyntaxError) return []
      throw error
    }
  })
}
