import { stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { inputSchema } from './input-schema.ts'
import { repositoryFiles } from './repository-files.ts'
import { defineTool, ToolProblem } from './tool.ts'

const input = z.object({
  path: z.string().optional().describe('Folder; the working folder by default'),
  pattern: z.string().optional().describe('Only files that match, as in **/*.test.ts or src/**/index.*'),
  depth: z.int().min(1).max(20).optional().describe('How deep folders are opened (default 2); deeper ones are counted'),
})

/** Lists files, as git sees them. */
export const listTool = defineTool({
  name: 'list',
  effect: 'read',
  description:
    'List files, without those that .gitignore names. Deep folders are shown with the number of their files. With a pattern: all files that match it.',
  input,
  toSchema: inputSchema,
  async prepare({ path: given = '.', pattern, depth = 2 }, { folder }) {
    const place = await folder.readable(given)
    return {
      shown: { title: `List ${pattern ? `${pattern} in ` : ''}${place.name}`, kind: 'search', files: [place.full] },
      outside: place.outside,
      async run() {
        const status = await stat(place.full).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined
          throw new ToolProblem(`${place.name} cannot be listed: ${error.message}`)
        })
        if (!status) throw new ToolProblem(`There is no folder ${place.name}.`)
        if (!status.isDirectory()) throw new ToolProblem(`${place.name} is a file. Use the read tool.`)
        const root = place.outside ? place.full : folder.root
        const under = place.outside ? '.' : place.name
        const files = await repositoryFiles(root, under)
        const inside = files.map((file) => path.posix.relative(under === '.' ? '' : under, file))
        const text = pattern ? matching(inside, pattern) : folded(inside, depth)
        return { text: text === '' ? `${place.name} holds no files.` : text }
      },
    }
  },
})

function matching(files: readonly string[], pattern: string): string {
  const wanted = pattern.includes('/') ? pattern : `**/${pattern}`
  const found = files.filter((file) => path.posix.matchesGlob(file, wanted)).toSorted()
  if (found.length === 0) return `No file matches ${pattern}.`
  return capped(found)
}

/** Each entry of the first levels; what lies deeper is one line for its folder, with the number of files. */
function folded(files: readonly string[], depth: number): string {
  const entries = new Map<string, number>()
  for (const file of files) {
    const parts = file.split('/')
    const key = parts.length > depth ? `${parts.slice(0, depth).join('/')}/` : file
    entries.set(key, (entries.get(key) ?? 0) + 1)
  }
  const lines = [...entries]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => (name.endsWith('/') ? `${name} (${count} ${count === 1 ? 'file' : 'files'})` : name))
  return capped(lines)
}

function capped(lines: readonly string[]): string {
  const shown = lines.slice(0, LIMITS.listEntries)
  const left = lines.length - shown.length
  return left > 0
    ? `${shown.join('\n')}\n(${left} more are not shown: name a folder, or a narrower pattern)`
    : shown.join('\n')
}
