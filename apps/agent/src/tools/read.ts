import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import type { Place } from './folder.ts'
import { inputSchema } from './input-schema.ts'
import { similarNames } from './similar-names.ts'
import { binaryKind, binaryWords, firstBytes, megabytes, statFile } from './text-file.ts'
import { defineTool, ToolProblem } from './tool.ts'
import type { Done } from './tool.ts'

const input = z.object({
  path: z.string().min(1).describe('File, relative to the working folder'),
  offset: z.int().min(1).optional().describe('First line, counted from 1'),
  limit: z.int().min(1).optional().describe(`How many lines; at most ${LIMITS.readLines}`),
})

/** Reads a text file, whole or a range of its lines. */
export const readTool = defineTool({
  name: 'read',
  effect: 'read',
  description:
    'Read a text file. Lines come with their numbers (number, tab, text); the numbers are not part of the file. Long files come in parts: go on with offset. Several files can be read in one step with several calls.',
  input,
  toSchema: inputSchema,
  async prepare({ path, offset, limit }, { folder }) {
    const place = await folder.readable(path)
    const range = offset === undefined && limit === undefined ? '' : ` from line ${offset ?? 1}`
    return {
      shown: { title: `Read ${place.name}${range}`, kind: 'read', files: [place.full] },
      outside: place.outside,
      async run({ seen, signal }) {
        const done = await readLines(place, offset, limit, signal).catch(async (error: unknown) => {
          if (!(error instanceof ToolProblem) || !error.message.startsWith('There is no file')) throw error
          throw new ToolProblem(`${error.message}${await similarNames(folder.root, place.name)}`)
        })
        await seen.saw(place.full)
        return done
      },
    }
  },
})

async function readLines(
  place: Place,
  offset: number | undefined,
  limit: number | undefined,
  signal: AbortSignal,
): Promise<Done> {
  const { size } = await statFile(place)
  const what = binaryKind(await firstBytes(place.full, 8_192))
  if (what) throw new ToolProblem(binaryWords(place.name, what, size))
  if (size === 0) return { text: `${place.name} is empty.` }
  if (size > LIMITS.wholeReadBytes && offset === undefined && limit === undefined)
    throw new ToolProblem(
      `${place.name} has ${megabytes(size)}, too much to read at once. Find the place with the search tool, or read a range of lines with offset and limit.`,
    )
  const first = offset ?? 1
  const most = Math.min(limit ?? LIMITS.readLines, LIMITS.readLines)
  const lines: string[] = []
  let [at, chars, more] = [0, 0, false]
  const stream = createReadStream(place.full, { encoding: 'utf8', signal })
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    at += 1
    if (at < first) continue
    if (lines.length >= most || chars > LIMITS.readChars) {
      more = true
      // Of a file of ordinary size it is worth to know how long it is.
      if (size > LIMITS.wholeReadBytes) break
      continue
    }
    const text = at === 1 ? line.replace(/^\uFEFF/, '') : line
    const shown =
      text.length > LIMITS.lineChars
        ? `${text.slice(0, LIMITS.lineChars)}… (${text.length - LIMITS.lineChars} more characters in this line)`
        : text
    lines.push(`${at}\t${shown}`)
    chars += shown.length + 8
  }
  stream.destroy()
  if (lines.length === 0)
    return { text: `${place.name} has only ${at} lines; there is no line ${first}.`, failed: true }
  const last = first + lines.length - 1
  const total = size > LIMITS.wholeReadBytes ? '' : ` of ${at}`
  const note = more ? `\n(lines ${first} to ${last}${total}; go on with offset ${last + 1})` : ''
  return { text: lines.join('\n') + note, shown: [] }
}
