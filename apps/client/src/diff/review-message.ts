import type { CommentRow } from '@coppice/events'

/** A comment that began a thread, with the answers to it, oldest first. */
export interface Thread {
  readonly first: CommentRow
  readonly answers: readonly CommentRow[]
}

/** Threads in the order of their files and lines. */
export function threadsOf(comments: readonly CommentRow[]): Thread[] {
  const threads = comments
    .filter((one) => one.place !== undefined)
    .map((first) => ({ first, answers: comments.filter((one) => one.replyTo === first.commentId) }))
  return threads.sort((a, b) => {
    const [left, right] = [a.first.place, b.first.place]
    return (left?.path ?? '').localeCompare(right?.path ?? '') || (left?.line ?? 0) - (right?.line ?? 0)
  })
}

/** The comments that nobody has sent yet; those of resolved threads need no sending. */
export const gathered = (threads: readonly Thread[]): CommentRow[] =>
  threads.flatMap(({ first, answers }) =>
    first.resolvedBy === undefined ? [first, ...answers].filter((one) => one.messageId === undefined) : [],
  )

/** The message that gathered comments become: file and line, the code, what was said, by thread (BE-7). */
export function reviewMessage(threads: readonly Thread[], nameOf: (userId: string) => string): string {
  const waiting = new Set(gathered(threads))
  const open = threads.filter((thread) => [thread.first, ...thread.answers].some((one) => waiting.has(one)))
  const people = new Set([...waiting].map((one) => one.author))
  const parts = open.map(({ first, answers }) => {
    const said = [first, ...answers]
      .filter((one) => waiting.has(one) || one === first)
      .map((one) => (people.size > 1 || answers.length > 0 ? `${nameOf(one.author)}: ${one.text}` : one.text))
    return `${head(first)}\n${fenced(first.place?.quote ?? [])}\n${said.join('\n\n')}`
  })
  return `Comments on the changes:\n\n${parts.join('\n\n')}`
}

function head({ place }: CommentRow): string {
  if (!place) return ''
  const lines = place.endLine > place.line ? `${place.line}-${place.endLine}` : `${place.line}`
  return `**${place.path}:${lines}**${place.side === 'before' ? ' (as it was before)' : ''}`
}

/** The fence is longer than any in the code, so that the code cannot end it. */
function fenced(lines: readonly string[]): string {
  const longest = lines.reduce((most, line) => Math.max(most, ...(line.match(/`+/g) ?? []).map((run) => run.length)), 2)
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${lines.join('\n')}\n${fence}`
}
