import type { ForgePullRequest } from '@coppice/protocol'
import type { Commit } from './history.tsx'

type Check = ForgePullRequest['checks'][number]
type Comment = ForgePullRequest['comments'][number]

/** What a pull request says where nobody has written anything: the last summary, else what was committed. */
export function proposedBody(summary: string | undefined, commits: readonly Commit[]): string {
  if (summary !== undefined && summary.trim() !== '') return summary.trim()
  return commits.length < 2
    ? (commits[0]?.body ?? '')
    : [...commits]
        .reverse()
        .map((one) => `- ${one.subject}`)
        .join('\n')
}

export const failing = (checks: readonly Check[]): readonly Check[] => checks.filter((one) => one.state === 'failed')

/** The message that tells an agent which checks failed. */
export const checksMessage = (number: number, checks: readonly Check[]): string =>
  `Checks of pull request ${number} fail:\n\n${failing(checks)
    .map((one) => `- ${one.name}${one.says && `: ${one.says}`}${one.url && ` (${one.url})`}`)
    .join('\n')}\n\nFind out why, and mend it.`

/** The message that tells an agent what people said. What they wrote is quoted: it is theirs, not the sender's. */
export const commentsMessage = (number: number, comments: readonly Comment[]): string =>
  `Comments on pull request ${number}:\n\n${comments
    .map((one) => {
      const place = one.path === undefined ? '' : ` on \`${one.path}${one.line === undefined ? '' : `:${one.line}`}\``
      const quoted = one.text
        .trim()
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n')
      return `${one.author}${place}:\n${quoted}`
    })
    .join('\n\n')}`
