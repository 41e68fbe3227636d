/** All branches of sessions stand under this prefix. */
export const branchPrefix = 'coppice/'

const longestSlug = 40

/** A branch name of a session: `coppice/<slug of its name>-<short id>`, safe for git whatever the name holds. */
export function branchName(name: string, sessionId: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestSlug)
    .replace(/^-+|-+$/g, '')
  return `${branchPrefix}${slug || 'session'}-${shortId(sessionId)}`
}

/** The last eight letters or digits of an id: ids begin with their time, so the end tells them apart. */
export function shortId(id: string): string {
  const plain = id.toLowerCase().replace(/[^a-z0-9]/g, '')
  return plain.slice(-8) || '0'
}

/** The n-th try for a name that is taken: `name`, `name-2`, `name-3`. */
export function nthBranchName(name: string, n: number): string {
  return n <= 1 ? name : `${name}-${n}`
}
