import { z } from 'zod'
import { inputSchema } from './input-schema.ts'
import { lineOf, nearestLines, numbered } from './near-miss.ts'
import { similarNames } from './similar-names.ts'
import { readTextFile, writeTextFile } from './text-file.ts'
import type { TextFile } from './text-file.ts'
import { defineTool, ToolProblem } from './tool.ts'

const input = z.object({
  path: z.string().min(1).describe('File, relative to the working folder'),
  old: z.string().min(1).describe('The text to replace, exactly as it is in the file, with its indentation'),
  new: z.string().describe('What to put in its place'),
  replace_all: z.boolean().optional().describe('Replace every occurrence; otherwise old must occur exactly once'),
})

/** Replaces an exact piece of a text file. Line ends and a byte order mark stay as they are. */
export const editTool = defineTool({
  name: 'edit',
  effect: 'write',
  description:
    'Replace an exact piece of text in a file. `old` must be in the file exactly once (with the lines around it where needed), without the line numbers that read adds; or set replace_all. Line ends (LF, CRLF) are matched and kept by themselves.',
  input,
  toSchema: inputSchema,
  async prepare({ path, old, new: replacement, replace_all: all = false }, { folder }) {
    const place = await folder.writable(path)
    const change = async (): Promise<{ before: TextFile; after: TextFile; at: number; times: number }> => {
      const before = await readTextFile(place).catch(async (error: unknown) => {
        if (!(error instanceof ToolProblem) || !error.message.startsWith('There is no file')) throw error
        throw new ToolProblem(`${error.message}${await similarNames(folder.root, place.name)}`)
      })
      return { before, ...replaced(before, old, replacement, all, place.name) }
    }
    const planned = await change()
    return {
      shown: {
        title: `Edit ${place.name}`,
        kind: 'edit',
        files: [place.full],
        content: [{ type: 'diff', path: place.full, oldText: planned.before.text, newText: planned.after.text }],
      },
      outside: false,
      async run({ seen }) {
        // The file may have changed while a person thought about it.
        const known = await seen.isKnown(place.full)
        const { before, after, at, times } = await change()
        await writeTextFile(place, after)
        if (known) await seen.saw(place.full)
        const first = lineOf(before.text, at)
        const lines = replacement.split('\n').length
        const around = numbered(after.text, first - 1, Math.min(first + lines, first + 12))
        const often = times > 1 ? `, ${times} places` : ''
        return { text: `Changed ${place.name}${often}. It now reads:\n${around}`, shown: [] }
      },
    }
  },
})

/** @throws {ToolProblem} where it is not there, or not only once */
function replaced(
  file: TextFile,
  old: string,
  replacement: string,
  all: boolean,
  name: string,
): { after: TextFile; at: number; times: number } {
  const ended = (text: string): string => (file.ends === 'crlf' ? text.replaceAll('\r\n', '\n') : text)
  const [plainOld, plainNew] = [ended(old), ended(replacement)]
  // In a file of mixed line ends a piece is looked for as it came, and with the other ends.
  const ways =
    file.ends === 'mixed'
      ? [
          [old, replacement],
          [crlf(old), crlf(replacement)],
        ]
      : [[plainOld, plainNew]]
  for (const [find = '', put = ''] of ways) {
    if (find === put) throw new ToolProblem('`old` and `new` are the same: there is nothing to change.')
    const places = occurrences(file.text, find)
    const [at] = places
    if (at === undefined) continue
    if (places.length > 1 && !all)
      throw new ToolProblem(
        `\`old\` occurs ${places.length} times in ${name} (lines ${places
          .slice(0, 10)
          .map((one) => lineOf(file.text, one))
          .join(', ')}). Give more of the lines around the one you mean, or set replace_all.`,
      )
    const text = all
      ? file.text.split(find).join(put)
      : file.text.slice(0, at) + put + file.text.slice(at + find.length)
    return { after: { ...file, text }, at, times: all ? places.length : 1 }
  }
  throw new ToolProblem(`\`old\` is not in ${name}. ${nearestLines(file.text, plainOld)}`)
}

function crlf(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')
}

function occurrences(text: string, part: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found.push(at)
  return found
}
