import { realpathSync } from 'node:fs'
import path from 'node:path'
import type { PermissionRule, StepMode, ToolFamily } from '@coppice/events'
import type { ToolCall } from '../agents/happenings.ts'

/** What becomes of a step that an agent asks for. */
export type Verdict = { readonly allow: 'auto' | 'read' | 'rule' } | { readonly ask: PermissionRule }

/**
 * Decides a step: reads and searches inside the worktree pass, Auto allows, a rule allows, else a person is asked.
 * @param shown the call as the log may have it: a lasting rule is made of that
 */
export function judgeStep(
  call: ToolCall,
  worktree: string,
  stepMode: StepMode,
  rules: readonly PermissionRule[],
  shown: ToolCall = call,
): Verdict {
  if ((call.family === 'read' || call.family === 'search') && staysInside(call, worktree)) return { allow: 'read' }
  if (stepMode === 'auto') return { allow: 'auto' }
  const rule = ruleFor(call.family, shown.target)
  if (rules.some((known) => known.family === rule.family && known.target === rule.target)) return { allow: 'rule' }
  return { ask: rule }
}

/** A link that leads out does not stay inside; what is not there leads nowhere. */
function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return file
    throw error
  }
}

/** What "allow for this session" would allow: for a command exactly that command line, else the kind of step. */
function ruleFor(family: ToolFamily, target: string): PermissionRule {
  const exact = family === 'run' || family === 'fetch' || family === 'other'
  return exact ? { family, target: target.slice(0, 2_000) } : { family }
}

function staysInside(call: ToolCall, worktree: string): boolean {
  const named = call.family === 'read' && call.target ? [...call.locations, call.target] : call.locations
  return named.every((file) => {
    const full = realPath(path.resolve(worktree, file))
    const inside = full === worktree || full.startsWith(worktree + path.sep)
    return inside && !full.slice(worktree.length).split(path.sep).includes('.git')
  })
}
