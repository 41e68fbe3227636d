import type { QueryAnswer } from '@coppice/protocol'
import { parseRawAndNumstat } from '../checkpoints/changed-files.ts'
import { git, splitNul } from '../git/git.ts'
import type { Sides } from './scope-trees.ts'

/** One changed file, with what names its content on both sides. */
export type ChangedContent = Extract<QueryAnswer<'diff.files'>, { ok: true }>['files'][number]

const LINK = '120000'
const SUBMODULE = '160000'

/** What differs between two trees; renames are found. */
export async function changedContents(
  dir: string,
  { from, to }: Sides,
  ignoreSpace: boolean,
): Promise<ChangedContent[]> {
  if (from === to) return []
  const out = await git(dir, [
    'diff-tree',
    '-r',
    '-z',
    '-M',
    '--raw',
    '--numstat',
    '--no-abbrev',
    '--no-ext-diff',
    '--no-textconv',
    ...(ignoreSpace ? ['-w'] : []),
    from,
    to,
  ])
  const contents = contentsOf(out)
  return parseRawAndNumstat(out).map(({ binary, ...file }) => {
    const known = contents.get(file.path)
    return { ...file, binary: binary ?? false, content: known?.content ?? '', ...(known?.is && { is: known.is }) }
  })
}

/** The raw records, which stand before the counts. */
function contentsOf(out: string): Map<string, { content: string; is?: 'link' | 'submodule' }> {
  const parts = splitNul(out)
  const found = new Map<string, { content: string; is?: 'link' | 'submodule' }>()
  for (let i = 0; parts[i]?.startsWith(':'); i += 1) {
    const [before = '', after = '', old = '', now = '', letter = ''] = (parts[i] ?? '').slice(1).split(' ')
    const two = letter.startsWith('R') || letter.startsWith('C')
    i += two ? 2 : 1
    const modes = [before, after]
    const is = modes.includes(SUBMODULE) ? 'submodule' : modes.includes(LINK) ? 'link' : undefined
    // Sixteen digits of each tell one content from the next as well as all of them, in half the room.
    found.set(parts[i] ?? '', { content: `${old.slice(0, 16)}${now.slice(0, 16)}${after}`, ...(is && { is }) })
  }
  return found
}
