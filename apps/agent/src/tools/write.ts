import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { inputSchema } from './input-schema.ts'
import { megabytes, readTextFile, writeTextFile } from './text-file.ts'
import type { TextFile } from './text-file.ts'
import { defineTool, ToolProblem } from './tool.ts'

const input = z.object({
  path: z.string().min(1).describe('File, relative to the working folder'),
  content: z.string().describe('The whole new content'),
})

/** Makes a file, or replaces the whole of one. */
export const writeTool = defineTool({
  name: 'write',
  effect: 'write',
  description:
    'Make a file, or replace the whole content of one that you have read. Folders are made. To change a part of a file use edit.',
  input,
  toSchema: inputSchema,
  async prepare({ path: given, content }, { folder, seen }) {
    const place = await folder.writable(given)
    if (Buffer.byteLength(content) > LIMITS.editBytes)
      throw new ToolProblem(
        `The content is larger than ${megabytes(LIMITS.editBytes)}. Write it with a program (run tool).`,
      )
    const status = await stat(place.full).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw new ToolProblem(`${place.name} cannot be written: ${error.message}`)
    })
    if (status?.isDirectory()) throw new ToolProblem(`${place.name} is a folder.`)
    const old = status ? await readTextFile(place) : undefined
    if (old && old.text !== '' && !(await seen.isKnown(place.full)))
      throw new ToolProblem(
        `${place.name} exists, and you have not read it as it is now. Read it first, then write it, or change a part with edit.`,
      )
    const file: TextFile = old ? { ...old, text: content } : { text: content, ends: 'lf', mark: false }
    return {
      shown: {
        title: `Write ${place.name}`,
        kind: 'edit',
        files: [place.full],
        content: [{ type: 'diff', path: place.full, oldText: old?.text ?? null, newText: content }],
      },
      outside: false,
      async run() {
        if (old && old.text !== '' && !(await seen.isKnown(place.full)))
          throw new ToolProblem(`${place.name} was changed meanwhile by someone else. Read it again.`)
        await mkdir(path.dirname(place.full), { recursive: true })
        await writeTextFile(place, file)
        await seen.saw(place.full)
        const lines = content === '' ? 0 : content.split('\n').length - (content.endsWith('\n') ? 1 : 0)
        return { text: `${old ? 'Replaced' : 'Made'} ${place.name} (${lines} lines).`, shown: [] }
      },
    }
  },
})
