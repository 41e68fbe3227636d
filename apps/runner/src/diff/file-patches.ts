import { git } from '../git/git.ts'
import type { Sides } from './scope-trees.ts'

/** A file of a comparison, by its name on the newer side; `from` is its earlier one. */
export type Named = { readonly path: string; readonly from?: string | undefined }

const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'] as const

/** The unified diffs of some files between two trees, by path; a file that does not differ is not in it. */
export async function filePatches(
  dir: string,
  { from, to }: Sides,
  files: readonly Named[],
  ignoreSpace: boolean,
): Promise<ReadonlyMap<string, string>> {
  const specs = files.flatMap((file) => (file.from ? [file.path, file.from] : [file.path]))
  const out = await git(dir, [
    'diff-tree',
    '-r',
    '-M',
    '--raw',
    '-p',
    '-z',
    ...plain,
    ...(ignoreSpace ? ['-w', '--ignore-blank-lines'] : []),
    from,
    to,
    '--',
    ...specs.map((name) => `:(literal,top)${name}`),
  ])
  return bySection(out)
}

/** First the raw records, which name the files as they are; then their patches in the same order. */
function bySection(out: string): ReadonlyMap<string, string> {
  const names: { path: string; sections: number }[] = []
  let begin = 0
  const upToNul = (): string => {
    const end = out.indexOf('\0', begin)
    const field = out.slice(begin, end)
    begin = end + 1
    return field
  }
  while (out[begin] === ':') {
    const letter = upToNul().split(' ')[4]?.[0] ?? ''
    if (letter === 'R' || letter === 'C') upToNul()
    // What was a file and is a link now goes and comes: two patches.
    names.push({ path: upToNul(), sections: letter === 'T' ? 2 : 1 })
  }
  // Inside a patch every line begins with a sign, so that this can only be a head.
  const sections = out
    .slice(begin)
    .replace(/^\0/, '')
    .split(/^(?=diff --git )/m)
  const found = new Map<string, string>()
  let at = 0
  for (const { path, sections: count } of names) {
    found.set(path, sections.slice(at, at + count).join(''))
    at += count
  }
  return found
}
