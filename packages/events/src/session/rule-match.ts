import { globFits, globOf } from '../glob.ts'
import type { ToolFamily } from './vocabulary.ts'

/** A step as a rule sees it. */
export interface StepOfRule {
  readonly family: ToolFamily
  /** The command line, the address, or the tool's own name. */
  readonly target: string
  /** The files it names, relative to the worktree with `/`; undefined where one of them lies outside or in `.git`. */
  readonly paths: readonly string[] | undefined
}

/** Which kind of step a rule is about: writing and editing a file are one thing to whoever allows it. */
const kindOf = (family: ToolFamily): ToolFamily => (family === 'write' ? 'edit' : family)

/** What a shell would take for more than one plain command, or put something else in the place of. */
const notPlain = /[;&|<>()$`\\\n\r\0!]/

/**
 * Whether a lasting rule allows a step (D-6). A pattern without `*` allows exactly what it says. With one, a command must be a
 * single plain one: nothing chained, substituted, redirected, or on a second line, whatever stands in its place.
 */
export function ruleAllows(rule: { readonly family: ToolFamily; readonly pattern: string }, step: StepOfRule): boolean {
  if (kindOf(rule.family) !== kindOf(step.family)) return false
  const { pattern } = rule
  switch (rule.family) {
    case 'run':
      return pattern.includes('*') ? commandFits(pattern, step.target) : pattern === step.target.trim()
    case 'read':
    case 'write':
    case 'edit':
    case 'delete':
    case 'search':
      return step.paths !== undefined && step.paths.length > 0 && step.paths.every((path) => pathFits(pattern, path))
    case 'fetch':
    case 'agent':
    case 'other':
      return pattern.endsWith('*') ? step.target.startsWith(pattern.slice(0, -1)) : pattern === step.target
  }
}

/** Why a pattern cannot be a rule; undefined where it can. */
export function patternProblem(family: ToolFamily, pattern: string): string | undefined {
  const text = pattern.trim()
  if (text === '') return 'A rule needs a pattern.'
  if (text.includes('*')) {
    if (family === 'run' && notPlain.test(text))
      return 'A pattern with * stands for one plain command: no ; & | < > ( ) $ ` \\ or second line.'
    if (family === 'run' && /^\S*\*/.test(text)) return 'A pattern begins with the whole name of the command.'
    if (family === 'fetch' && !/^https?:\/\/[^/*]+\/[^*]*\*$/.test(text))
      return 'An address with * names its host whole, and ends in it: https://docs.example.org/*'
    if ((family === 'agent' || family === 'other') && !/^[^*]{3,}\*$/.test(text))
      return 'A pattern for a tool begins with its name, and has * at its end only.'
  }
  if (pathFamilies.has(family) && (text.startsWith('/') || text.split('/').includes('..')))
    return 'A path is one inside the worktree, from its root: src/**'
  return undefined
}

const pathFamilies: ReadonlySet<ToolFamily> = new Set(['read', 'write', 'edit', 'delete', 'search'])

/** What "Always allow" proposes for a step: the command with any arguments, the folder of a file. */
export function proposedPattern({ family, target, paths }: StepOfRule): string {
  if (family === 'run') {
    const words = target.trim().split(/\s+/)
    if (notPlain.test(target) || words.length < 2) return target.trim()
    const second = words[1] ?? ''
    return /^[a-z][\w:-]*$/i.test(second) ? `${words[0]} ${second} *` : `${words[0]} *`
  }
  if (family === 'fetch') return target.replace(/^(https?:\/\/[^/]+\/).*$/, '$1*')
  const [path] = paths ?? []
  if (!pathFamilies.has(family) || path === undefined) return target
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return `${folder}**`
}

/** `pnpm test *`: each word fits its word; a `*` at the end takes all that is left, also nothing. */
function commandFits(pattern: string, command: string): boolean {
  if (notPlain.test(command)) return false
  const [wanted, words] = [pattern.trim().split(/\s+/), command.trim().split(/\s+/)]
  const rest = wanted.at(-1) === '*'
  const fixed = rest ? wanted.slice(0, -1) : wanted
  if (rest ? words.length < fixed.length : words.length !== fixed.length) return false
  return fixed.every((one, at) => globOf(one, '[^\\s]*').test(words[at] ?? ''))
}

/** `src/**`: `*` stays within a folder, `**` does not. */
function pathFits(pattern: string, path: string): boolean {
  if (path.split('/').some((part) => part === '..' || part === '.git' || part === '')) return false
  return globFits(pattern, path)
}
