import type { ChangedFile } from '@coppice/events'
import { git, splitNul } from '../git/git.ts'

/** Compares two trees or commits; renames are found. */
export async function changedFiles(dir: string, from: string, to: string): Promise<ChangedFile[]> {
  const out = await git(dir, [
    'diff-tree',
    '-r',
    '-z',
    '-M',
    '--raw',
    '--numstat',
    '--no-ext-diff',
    '--no-textconv',
    from,
    to,
  ])
  return parseRawAndNumstat(out)
}

/** Reads `--raw --numstat -z`: first all raw records, then all counts. */
export function parseRawAndNumstat(out: string): ChangedFile[] {
  const parts = splitNul(out)
  const changes = new Map<string, ChangedFile>()
  let i = 0
  for (; parts[i]?.startsWith(':'); i += 1) {
    const letter = parts[i]?.split(' ')[4]?.[0] ?? 'M'
    const first = parts[(i += 1)] ?? ''
    const two = letter === 'R' || letter === 'C'
    const path = two ? (parts[(i += 1)] ?? '') : first
    changes.set(path, { path, ...(two ? { from: first } : {}), status: statusOf(letter), additions: 0, deletions: 0 })
  }
  for (; i < parts.length; i += 1) {
    const [added = '-', removed = '-', name = ''] = parts[i]?.split('\t') ?? []
    // For a rename the name is empty and the two names follow.
    const path = name === '' ? (parts[(i += 2)] ?? '') : name
    const known = changes.get(path)
    if (!known) continue
    // Git counts no lines in binary files and says `-`.
    const binary = added === '-' ? { binary: true } : {}
    changes.set(path, { ...known, additions: Number(added) || 0, deletions: Number(removed) || 0, ...binary })
  }
  return [...changes.values()]
}

function statusOf(letter: string): ChangedFile['status'] {
  if (letter === 'A' || letter === 'C') return 'added'
  if (letter === 'D') return 'deleted'
  if (letter === 'R') return 'renamed'
  return letter === 'T' ? 'type_changed' : 'modified'
}
