import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { LIMITS } from '../limits.ts'

/** Files in which projects tell agents how to work, in the order they are read; the same text twice is read once. */
const names = ['AGENTS.md', 'CLAUDE.md', path.join('.github', 'copilot-instructions.md')]

/** What the project in a folder says to agents; empty where it says nothing. */
export async function projectInstructions(folder: string): Promise<string> {
  const found: { name: string; text: string }[] = []
  for (const name of names) {
    const text = await readFile(path.join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(error.code ?? '')) return ''
      throw error
    })
    const trimmed = text.trim()
    // Projects often keep one as a link to the other, or as a line that points to it.
    if (trimmed === '' || /^@\S+\.md$/.test(trimmed) || found.some((one) => one.text === trimmed)) continue
    found.push({ name, text: trimmed })
  }
  const all = found.map(({ name, text }) => `<instructions file="${name}">\n${text}\n</instructions>`).join('\n\n')
  return all.length > LIMITS.instructionChars
    ? `${all.slice(0, LIMITS.instructionChars)}\n… (the rest is in the files)`
    : all
}
