import type { DiffLine, Hunk } from '../git/hunks.ts'

/** What a chosen line of a hunk is applied as. */
export type Direction = 'forward' | 'back'

/**
 * A hunk of only some of its changes, as git takes it. Forward (to stage): what is not chosen is as it was before. Back (to
 * unstage, to discard): what is not chosen is as it is now. Undefined where nothing that is chosen changes anything.
 */
export function hunkPatch(hunk: Hunk, chosen: (line: DiffLine) => boolean, direction: Direction): string | undefined {
  const lines: string[] = []
  let before = 0
  let after = 0
  let changes = 0
  for (const line of hunk.lines) {
    const kept = line.kind === 'context' || chosen(line)
    const sign = line.kind === 'context' ? ' ' : line.kind === 'add' ? '+' : '-'
    // Left out: a line that is not there on the side the patch is applied to.
    const drop = !kept && (direction === 'forward' ? sign === '+' : sign === '-')
    if (drop) continue
    const shown = kept ? sign : ' '
    if (shown !== '+') before += 1
    if (shown !== '-') after += 1
    if (shown !== ' ') changes += 1
    lines.push(`${shown}${line.text}`)
    if (line.endless) lines.push('\\ No newline at end of file')
  }
  if (changes === 0) return undefined
  const from = hunk.beforeCount === 0 && before > 0 ? 1 : hunk.before
  const to = hunk.afterCount === 0 && after > 0 ? 1 : hunk.after
  return `@@ -${from},${before} +${to},${after} @@\n${lines.join('\n')}\n`
}
