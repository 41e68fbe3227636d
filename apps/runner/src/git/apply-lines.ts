import { existsSync } from 'node:fs'
import path from 'node:path'
import type { GitOperation } from '@coppice/events'
import { git, GitFailure } from './git.ts'
import { checkWorktreePath } from './worktree-path.ts'

type Lines = Extract<GitOperation, { kind: 'lines' }>

/** Lines of a file are not as they were seen; nothing was changed. */
class LinesMoved extends Error {
  constructor(file: string, words: string) {
    super(
      `These lines of ${file} are not there any more as you saw them. Nothing was changed: look again, or take the whole file. (${words})`,
    )
    this.name = 'LinesMoved'
  }
}

/**
 * Stages or unstages lines, or takes them back in the worktree. All of the given hunks, or none.
 * @throws {LinesMoved} @throws {PathRefused}
 */
export async function applyLines(dir: string, operation: Lines): Promise<void> {
  const file = await checkWorktreePath(dir, operation.path)
  checkHunks(operation.hunks)
  if (operation.how === 'discard' && !existsSync(path.join(dir, file)))
    throw new Error(`${file} is deleted in the worktree: discard the whole file to have it back.`)
  try {
    await apply(dir, file, operation, [])
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    throw new LinesMoved(file, error.message.replace(/^error: /gm, '').replaceAll('\n', '; '))
  }
}

/** After a restart: whether the lines are already as they should be. */
export async function linesAreDone(dir: string, operation: Lines): Promise<boolean> {
  const file = await checkWorktreePath(dir, operation.path)
  const fits = (how: readonly string[]): Promise<boolean> =>
    apply(dir, file, operation, ['--check', ...how]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof GitFailure) return false
        throw error
      },
    )
  const back = operation.how === 'stage' ? ['--reverse'] : ['--no-reverse']
  return !(await fits([])) && (await fits(back))
}

/** One sentence for the row. */
export function linesDone({ how, path: file, hunks }: Lines): string {
  const count = hunks.split('\n').filter((line) => /^[+-]/.test(line)).length
  const words = `${count} ${count === 1 ? 'line' : 'lines'} of ${file}`
  if (how === 'discard') return `Discarded ${words}; a checkpoint keeps what was there.`
  return how === 'stage' ? `Staged ${words}.` : `Unstaged ${words}.`
}

async function apply(dir: string, file: string, { how, hunks }: Lines, more: readonly string[]): Promise<void> {
  const isNew = how === 'stage' && (await git(dir, ['ls-files', '-z', '--', `:(literal,top)${file}`])) === ''
  const patch = `--- ${isNew ? '/dev/null' : quoted(`a/${file}`)}\n+++ ${quoted(`b/${file}`)}\n${hunks.replace(/\n?$/, '\n')}`
  const options = [...(how === 'discard' ? [] : ['--cached']), ...(how === 'stage' ? [] : ['--reverse']), ...more]
  await git(dir, ['apply', '--whitespace=nowarn', '--unidiff-zero', ...options, '-'], { input: patch })
}

/** A name as git writes it in the head of a patch. */
function quoted(name: string): string {
  const letters = [...name].map(escaped)
  if (letters.some((letter) => letter.length > 1 && letter.startsWith('\\'))) return `"${letters.join('')}"`
  // Where a bare name has spaces, a tab says where it ends.
  return name.includes(' ') ? `${name}\t` : name
}

function escaped(letter: string): string {
  if (letter === '"' || letter === '\\') return `\\${letter}`
  const code = letter.codePointAt(0) ?? 0
  return code < 0x20 || code === 0x7f ? `\\${code.toString(8).padStart(3, '0')}` : letter
}

/** Only hunks, each with as many lines as it says: nothing after them can name another file. */
function checkHunks(text: string): void {
  const lines = text.replace(/\n$/, '').split('\n')
  let before = 0
  let after = 0
  for (const line of lines) {
    const sign = line[0]
    if (before > 0 || after > 0) {
      if (sign === ' ' || sign === '-') before -= 1
      if (sign === ' ' || sign === '+') after -= 1
      if (sign === '\\') continue
      if (!/^[ +-]/.test(line) || before < 0 || after < 0) throw notHunks(line)
    } else if (sign !== '\\') {
      const head = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line)
      if (!head) throw notHunks(line)
      before = Number(head[1] ?? 1)
      after = Number(head[2] ?? 1)
    }
  }
  if (before > 0 || after > 0) throw new Error('The last hunk ends too early. Nothing was changed.')
}

const notHunks = (line: string): Error =>
  new Error(`"${line.slice(0, 80)}" is not part of a hunk. Nothing was changed.`)
