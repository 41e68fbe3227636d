import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { ToolCall } from '../agents/happenings.ts'
import { git } from '../git/git.ts'
import { cutEnd } from './tool-text.ts'

/** A step in full, for the person who decides on it. */
export type StepDetail = { readonly detail: string; readonly detailKind: 'command' | 'diff' | 'text' }

const longestDetail = 20_000

/** The whole command, the change it would make, or what is known of it. */
export async function detailOf(call: ToolCall, worktree: string): Promise<StepDetail> {
  if (call.family === 'run') return { detail: cutEnd(call.target, longestDetail), detailKind: 'command' }
  if (call.diffs.length > 0) {
    const patches = await Promise.all(
      call.diffs.map((diff) => unifiedDiff(shortPath(diff.path, worktree), diff.oldText, diff.newText)),
    )
    return { detail: cutEnd(patches.join(''), longestDetail), detailKind: 'diff' }
  }
  return { detail: cutEnd([call.title, call.target].filter(Boolean).join('\n'), longestDetail), detailKind: 'text' }
}

/** A path as a reader knows it: relative to the worktree where it is inside. */
export function shortPath(file: string, worktree: string): string {
  return file.startsWith(worktree + path.sep) ? file.slice(worktree.length + 1) : file
}

async function unifiedDiff(name: string, oldText: string, newText: string): Promise<string> {
  if (oldText === newText) return ''
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coppice-diff-'))
  try {
    await writeFile(path.join(folder, 'old'), oldText)
    await writeFile(path.join(folder, 'new'), newText)
    const out = await git(folder, ['diff', '--no-index', '--no-color', '--no-ext-diff', '--unified=3', 'old', 'new'], {
      answers: [1],
    })
    const hunks = out.slice(Math.max(0, out.indexOf('@@')))
    return `--- ${oldText === '' ? '/dev/null' : `a/${name}`}\n+++ b/${name}\n${hunks}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
