import { realpathSync } from 'node:fs'
import path from 'node:path'
import { ruleAllows } from '@coppice/events'
import type { LastingRule, PermissionRule, SessionState, StepOfRule, ToolFamily } from '@coppice/events'
import type { ToolCall } from '../agents/happenings.ts'

/** What becomes of a step that an agent asks for. */
export type Verdict =
  { readonly allow: 'auto' | 'read' | 'rule' } | { readonly ask: PermissionRule } | { readonly reject: string }

/** What people let the agent of a session do. */
export type Allowed = Pick<SessionState, 'stepMode' | 'rules' | 'strict' | 'planMode'> & {
  /** A bot that only reads leads the session. */
  readonly readOnly?: boolean
  /** Lasting rules of the workspace. */
  readonly workspaceRules: readonly LastingRule[]
}

/** What plan mode leaves to nobody: the agent may have no such mode of its own, or leave it. */
const changing: ReadonlySet<ToolFamily> = new Set(['write', 'edit', 'delete', 'run'])

/** What a bot that only reads may do, whatever else is allowed; an unknown kind of step may change something. */
const looking: ReadonlySet<ToolFamily> = new Set(['read', 'search', 'fetch', 'agent'])

/**
 * Decides a step: plan mode changes nothing; reads and searches inside the worktree pass unless it is strict; Auto allows, a
 * rule allows, else a person is asked.
 * @param shown the call as the log may have it: a lasting rule is made of that
 */
export function judgeStep(call: ToolCall, worktree: string, allowed: Allowed, shown: ToolCall = call): Verdict {
  const { stepMode, rules, strict, planMode, workspaceRules, readOnly } = allowed
  if (readOnly && !looking.has(call.family))
    return { reject: 'This bot only reads: it changes no file and runs nothing. Answer from what you can read.' }
  if (planMode && changing.has(call.family))
    return { reject: 'The session is in plan mode: nothing is changed or run. Give the plan, and end your turn.' }
  const looks = call.family === 'read' || call.family === 'search'
  if (looks && !strict && staysInside(call, worktree)) return { allow: 'read' }
  if (stepMode === 'auto') return { allow: 'auto' }
  const rule = ruleFor(call.family, shown.target)
  const exact = rules.some(
    (known) => known.pattern === undefined && known.family === rule.family && known.target === rule.target,
  )
  if (exact) return { allow: 'rule' }
  const step = stepOf(call, worktree)
  const patterns = rules.flatMap(({ family, pattern }) => (pattern === undefined ? [] : { family, pattern }))
  if ([...patterns, ...workspaceRules].some((one) => ruleAllows(one, step))) return { allow: 'rule' }
  return { ask: rule }
}

/** A step as rules see it: its files by where they really are, relative to the worktree. */
function stepOf(call: ToolCall, worktree: string): StepOfRule {
  const { family, title } = call
  const target = (family === 'other' || family === 'agent') && call.target === '' ? title : call.target
  if (!staysInside(call, worktree)) return { family, target, paths: undefined }
  const named = filesOf(call).map((file) => path.relative(worktree, realPath(path.resolve(worktree, file))))
  return { family, target, paths: named.map((file) => file.split(path.sep).join('/')) }
}

/** The files that a call names. */
function filesOf({ family, target, locations, diffs }: ToolCall): string[] {
  const isPath = family === 'read' || family === 'write' || family === 'edit' || family === 'delete'
  const changed = diffs.map((diff) => diff.path)
  return [...new Set([...locations, ...changed, ...(isPath && target !== '' ? [target] : [])])]
}

/** A link that leads out does not stay inside; what is not there yet will be where its folder really is. */
function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const folder = path.dirname(file)
    return folder === file ? file : path.join(realPath(folder), path.basename(file))
  }
}

/** What "allow for this session" would allow: for a command exactly that command line, else the kind of step. */
function ruleFor(family: ToolFamily, target: string): PermissionRule {
  const exact = family === 'run' || family === 'fetch' || family === 'other'
  return exact ? { family, target: target.slice(0, 2_000) } : { family }
}

function staysInside(call: ToolCall, worktree: string): boolean {
  return filesOf(call).every((file) => {
    const full = realPath(path.resolve(worktree, file))
    const inside = full === worktree || full.startsWith(worktree + path.sep)
    return inside && !full.slice(worktree.length).split(path.sep).includes('.git')
  })
}
