import type { QueryAnswer } from '@coppice/protocol'
import type { LineOrigin } from '../diff/blame.ts'
import { blameShort, blameWords } from '../diff/blame-words.ts'
import { exactTime } from '../format/time.ts'

/** Who wrote a line of a file that is open. */
export type LineWriter =
  /** Typed here since the last save. */
  | { readonly kind: 'unsaved' }
  /** In the worktree, and in no checkpoint and no commit yet; with those who saved the file here since. */
  | { readonly kind: 'uncommitted'; readonly savedBy: readonly string[] }
  | { readonly kind: 'turn'; readonly line: LineOrigin }
  | { readonly kind: 'between'; readonly line: LineOrigin; readonly savedBy: readonly string[] }
  | { readonly kind: 'commit'; readonly commit: Extract<QueryAnswer<'file.blame'>, { ok: true }>['commits'][number] }

/** In a few letters. */
export function shortWords(writer: LineWriter): string {
  switch (writer.kind) {
    case 'unsaved':
      return 'Not saved'
    case 'uncommitted':
      return 'Not committed'
    case 'turn':
      return blameShort(writer.line)
    case 'between':
      return writer.savedBy.length === 1 ? (writer.savedBy[0] ?? '') : 'By hand'
    case 'commit':
      return `${writer.commit.author}, ${new Date(writer.commit.at).getFullYear()}`
  }
}

/** All that is known, in a sentence or some. */
export function longWords(writer: LineWriter, nameOf: (userId: string) => string): string {
  switch (writer.kind) {
    case 'unsaved':
      return 'Not saved yet'
    case 'uncommitted':
      return `Not committed yet, and in no checkpoint${by(writer.savedBy)}`
    case 'turn':
      return blameWords(writer.line, nameOf).replaceAll('\n', ' · ')
    case 'between':
      return `${blameWords(writer.line, nameOf)}${by(writer.savedBy)}`
    case 'commit': {
      const { id, author, at, summary } = writer.commit
      return `${author}, ${exactTime(at)}: ${summary} (commit ${id.slice(0, 8)})`
    }
  }
}

const by = (people: readonly string[]): string =>
  people.length === 0 ? '' : `; the file was saved by ${people.join(', ')}`
