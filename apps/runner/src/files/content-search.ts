import { searchPattern, type QueryAnswer, type QueryRequest } from '@coppice/protocol'
import { gitAnswer, GitFailure } from '../git/git.ts'

type Asked = Extract<QueryRequest, { kind: 'search' }>
type Found = Extract<QueryAnswer<'search'>, { ok: true }>

/** So many lines are given in all, and of one file. */
const mostLines = 2_000
const mostOfFile = 200
/** Longer lines are cut around their first hit. */
const mostChars = 400
const mostMs = 20_000

/**
 * Looks through the texts of a worktree with git grep: tracked files and new ones, not those that git ignores, not binary
 * ones.
 * @throws {GitFailure} with git's words about a pattern that is none
 */
export async function searchContent(worktree: string, asked: Asked): Promise<Found> {
  const pathspecs = [
    ...asked.include.map((glob) => `:(glob)${wide(glob)}`),
    ...asked.exclude.map((glob) => `:(exclude,glob)${wide(glob)}`),
  ]
  // Only what is left out is named: then it is left out of everything.
  if (asked.include.length === 0 && pathspecs.length > 0) pathspecs.unshift(':/')
  const { out } = await gitAnswer(
    worktree,
    [
      'grep',
      '--line-number',
      '-I',
      '--null',
      '--untracked',
      '--no-color',
      '--full-name',
      `--max-count=${mostOfFile}`,
      ...(asked.matchCase ? [] : ['--ignore-case']),
      ...(asked.words ? ['--word-regexp'] : []),
      asked.regex ? '--extended-regexp' : '--fixed-strings',
      '-e',
      asked.text,
      '--',
      ...pathspecs,
    ],
    // 1 means that nothing was found.
    { answers: [1], signal: AbortSignal.timeout(mostMs) },
  ).catch((error: unknown) => {
    if (error instanceof GitFailure && error.message.includes('abort'))
      throw new Error(`The search took longer than ${mostMs / 1_000} s and was ended. Narrow it to some folders.`)
    throw error
  })
  return grouped(out, asked)
}

/** A glob without a folder means any folder, as in editors. */
const wide = (glob: string): string => (glob.includes('/') ? glob.replace(/^\//, '') : `**/${glob}`)

function grouped(out: string, asked: Asked): Found {
  const hit = hits(asked)
  const files = new Map<string, Found['files'][number]['lines']>()
  let lines = 0
  for (const row of out.split('\n')) {
    const [path, number, ...rest] = row.split('\0')
    if (path === undefined || number === undefined || rest.length === 0) continue
    if (lines >= mostLines) return { ok: true, files: listed(files), truncated: true }
    lines += 1
    const text = rest.join('\0').replace(/\r$/, '')
    const [start] = hit(text)[0] ?? [0]
    const from = text.length <= mostChars || start < mostChars / 2 ? 0 : start - 60
    const shown = text.slice(from, from + mostChars)
    const known = files.get(path) ?? []
    known.push({ line: Number(number), text: shown.toWellFormed(), ranges: hit(shown) })
    files.set(path, known)
  }
  return { ok: true, files: listed(files), truncated: [...files.values()].some((one) => one.length >= mostOfFile) }
}

const listed = (files: ReadonlyMap<string, Found['files'][number]['lines']>): Found['files'] =>
  [...files].map(([path, lines]) => ({ path, lines }))

/** Where the hits of a line are, UTF-16 offsets, end exclusive. git's and JavaScript's patterns differ a little: then none is marked. */
function hits(asked: Asked): (text: string) => [number, number][] {
  const pattern = searchPattern(asked)
  if (pattern === undefined) return () => []
  return (text) =>
    [...text.matchAll(pattern)]
      .filter(([whole]) => whole !== '')
      .map((match): [number, number] => [match.index, match.index + match[0].length])
      .slice(0, 50)
}
