import type { RepositorySource } from '@coppice/events'

/** What a person typed, as a source: a URL, git's own `host:path` form, or a path. Undefined for nothing. Pure. */
export function sourceOf(typed: string): RepositorySource | undefined {
  const text = typed.trim()
  if (text === '') return undefined
  if (/^(https?|ssh|git|file):\/\//i.test(text)) return { kind: 'url', url: text }
  if (/^[\w.-]+@[\w.-]+:.+/.test(text)) return { kind: 'url', url: text }
  return { kind: 'path', path: text }
}
