import { gitAnswer, splitNul } from './git.ts'

/**
 * The files that would conflict if two commits were merged; none where they merge. Nothing is written but objects
 * (git-merge-tree(1), 2.38 or newer).
 */
export async function trialMerge(home: string, one: string, other: string): Promise<string[]> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', one, other]
  const { code, out } = await gitAnswer(home, args, { answers: [1], unsynced: true })
  if (code === 0) return []
  const [, ...files] = splitNul(out)
  return [...new Set(files.filter((name) => name !== ''))]
}
