import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { inputSchema } from './input-schema.ts'
import { runProgram } from './program.ts'
import type { ProgramEnd } from './program.ts'
import { repositoryFiles } from './repository-files.ts'
import { binaryKind } from './text-file.ts'
import { defineTool, ToolProblem } from './tool.ts'

const input = z.object({
  pattern: z.string().min(1).describe('Regular expression; with literal set, plain text'),
  path: z.string().optional().describe('File or folder to look in; the working folder by default'),
  glob: z.string().optional().describe('Only files that match, as in *.ts'),
  literal: z.boolean().optional().describe('The pattern is plain text'),
  ignore_case: z.boolean().optional(),
  context: z.int().min(0).max(10).optional().describe('Lines to show around each match'),
})
type Search = z.infer<typeof input>

/** Searches the content of files: with ripgrep where it is, else with git, else by itself. */
export const searchTool = defineTool({
  name: 'search',
  effect: 'read',
  description:
    'Search the content of files, without those that .gitignore names. Gives file:line:text. Narrow it with path and glob.',
  input,
  toSchema: inputSchema,
  async prepare(search, { folder }) {
    const place = await folder.readable(search.path ?? '.')
    return {
      shown: { title: `Search ${search.pattern}`, kind: 'search', files: [place.full] },
      outside: place.outside,
      async run({ signal }) {
        const at = place.outside ? place.full : folder.root
        const under = place.outside ? '.' : place.name
        const [root, where] = (await isFile(at)) ? [path.dirname(at), path.basename(at)] : [at, under]
        const found =
          (await withRipgrep(search, root, where, signal)) ??
          (await withGit(search, root, where, signal)) ??
          (await byHand(search, root, where, signal))
        return { text: capped(found) }
      },
    }
  },
})

async function isFile(full: string): Promise<boolean> {
  return stat(full).then(
    (status) => status.isFile(),
    () => false,
  )
}

type Found = { readonly lines: readonly string[]; readonly cut: boolean }

async function withRipgrep(
  search: Search,
  root: string,
  where: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const args = [
    '--line-number',
    '--no-heading',
    '--with-filename',
    '--color=never',
    '--sort=path',
    '--hidden',
    '--glob=!.git',
  ]
  if (search.ignore_case) args.push('--ignore-case')
  if (search.literal) args.push('--fixed-strings')
  if (search.context) args.push(`--context=${search.context}`)
  if (search.glob) args.push(`--glob=${search.glob}`)
  return foundBy(await runProgram('rg', [...args, '--regexp', search.pattern, '--', where], root, limits(signal)))
}

async function withGit(search: Search, root: string, where: string, signal: AbortSignal): Promise<Found | undefined> {
  const inside = await runProgram('git', ['rev-parse', '--is-inside-work-tree'], root)
  if (inside?.exitCode !== 0) return undefined
  const options = [
    '-c',
    'core.quotePath=false',
    'grep',
    '--line-number',
    '-I',
    '--untracked',
    '--no-color',
    '--full-name',
  ]
  if (search.ignore_case) options.push('--ignore-case')
  if (search.context) options.push(`--context=${search.context}`)
  const paths = search.glob ? [`:(glob)${globUnder(where, search.glob)}`] : [where]
  for (const dialect of search.literal ? ['--fixed-strings'] : ['--perl-regexp', '--extended-regexp']) {
    const args = [...options, dialect, '-e', search.pattern, '--', ...paths]
    const end = await runProgram('git', args, root, limits(signal))
    // Some builds of git have no Perl expressions.
    if (end && dialect === '--perl-regexp' && /compiled|support|USE_LIBPCRE/i.test(end.errors)) continue
    return foundBy(end)
  }
  return undefined
}

function globUnder(where: string, glob: string): string {
  const deep = glob.includes('/') ? glob : `**/${glob}`
  return where === '.' ? deep : `${where}/${deep}`
}

const limits = (signal: AbortSignal) => ({ signal, withinMs: LIMITS.searchMs, mostBytes: 2 * 1024 * 1024 })

/** Exit codes are those of grep: 1 is "none", more is trouble. */
function foundBy(end: ProgramEnd | undefined): Found | undefined {
  if (!end) return undefined
  if (end.exitCode > 1 && !end.cut) throw new ToolProblem(`The search failed: ${end.errors.slice(0, 500)}`)
  return { lines: end.output.split('\n').filter((line) => line !== ''), cut: end.cut }
}

async function byHand(search: Search, root: string, where: string, signal: AbortSignal): Promise<Found> {
  const expression = expressionOf(search)
  const glob = search.glob && (search.glob.includes('/') ? search.glob : `**/${search.glob}`)
  const lines: string[] = []
  for (const file of await repositoryFiles(root, where)) {
    signal.throwIfAborted()
    if (lines.length > LIMITS.searchLines * 4) return { lines, cut: true }
    if (glob && !path.posix.matchesGlob(file, glob)) continue
    const bytes = await readFile(path.join(root, file)).catch(goneMeanwhile)
    if (!bytes || bytes.length > LIMITS.editBytes || binaryKind(bytes)) continue
    bytes
      .toString('utf8')
      .split('\n')
      .forEach((line, i) => {
        if (expression.test(line)) lines.push(`${file}:${i + 1}:${line}`)
      })
  }
  return { lines, cut: false }
}

/** A file that went away or may not be read has nothing to find. */
function goneMeanwhile(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'EACCES', 'EISDIR', 'EPERM', 'ELOOP'].includes(error.code ?? '')) throw error
}

function expressionOf({ pattern, literal, ignore_case: ignoreCase }: Search): RegExp {
  try {
    return new RegExp(literal ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : pattern, ignoreCase ? 'iu' : 'u')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ToolProblem(
      `The pattern is no regular expression: ${error.message}. Set literal to search for plain text.`,
    )
  }
}

function capped({ lines, cut }: Found): string {
  if (lines.length === 0) return cut ? 'The search took too long. Narrow it with path or glob.' : 'Nothing found.'
  const shown: string[] = []
  let chars = 0
  for (const line of lines.slice(0, LIMITS.searchLines)) {
    const text = line.length > 300 ? `${line.slice(0, 300)}…` : line
    chars += text.length + 1
    if (chars > LIMITS.searchChars) break
    shown.push(text)
  }
  const left = lines.length - shown.length
  if (left === 0 && !cut) return shown.join('\n')
  return `${shown.join('\n')}\n(${cut ? 'many' : left} more are not shown: narrow it with path, glob or a longer pattern)`
}
