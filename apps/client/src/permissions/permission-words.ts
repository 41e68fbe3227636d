import type { RuleOfRow, SessionRow, ToolFamily } from '@coppice/events'

/** How a session's steps go, in a word or three. */
export const stepWords = ({ stepMode, autoAfterFirst }: SessionRow): string =>
  stepMode === 'auto' ? 'Auto' : autoAfterFirst ? 'Manual, Auto after the first message' : 'Manual'

const kinds: Readonly<Record<ToolFamily, string>> = {
  run: 'run',
  edit: 'change',
  write: 'change',
  delete: 'delete',
  read: 'read',
  search: 'search',
  fetch: 'fetch',
  agent: 'sub-agent',
  other: 'tool',
}

/** What a rule is about. */
export const kindWord = (family: ToolFamily): string => kinds[family]

/** What a rule allows: its pattern, exactly one step, or all of its kind. */
export const ruleText = ({ pattern, target }: Pick<RuleOfRow, 'pattern' | 'target'>): string =>
  pattern ?? target ?? 'all'
