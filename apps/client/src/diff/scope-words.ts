import type { DiffScope } from '@coppice/protocol'

/** How a scope stands in the page's address. */
export function scopeText(scope: DiffScope): string {
  if (scope.kind === 'checkpoint')
    return scope.to === undefined ? `since:${scope.from}` : `turn:${scope.from}:${scope.to}`
  return scope.kind === 'commit' ? `commit:${scope.commit}` : scope.kind
}

/** What an address says; all changes where it says nothing that is known. */
export function scopeOf(text: unknown): DiffScope {
  const [kind = '', from = '', to = ''] = typeof text === 'string' ? text.split(':') : []
  if (kind === 'head' || kind === 'staged' || kind === 'index') return { kind }
  if (kind === 'since' && from !== '') return { kind: 'checkpoint', from }
  if (kind === 'turn' && from !== '' && to !== '') return { kind: 'checkpoint', from, to }
  if (kind === 'commit' && /^[0-9a-f]{40,64}$/.test(from)) return { kind: 'commit', commit: from }
  return { kind: 'base' }
}

/** What is compared, in the words of the page. */
export function scopeWords(scope: DiffScope): string {
  switch (scope.kind) {
    case 'base':
      return 'All since branch point'
    case 'head':
      return 'Since the last commit'
    case 'staged':
      return 'Staged'
    case 'index':
      return 'Not staged'
    case 'checkpoint':
      return scope.to === undefined ? 'Since a turn began' : 'One turn'
    case 'commit':
      return `Commit ${scope.commit.slice(0, 7)}`
  }
}
