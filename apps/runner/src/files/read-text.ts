import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import path from 'node:path'
import type { QueryAnswer } from '@coppice/protocol'
import { checkWorktreePath } from '../git/worktree-path.ts'

/** A larger file is told of, not read. Bytes. */
const mostBytes = 1024 * 1024

/**
 * A text file of a worktree with its SHA-256. What is no text in UTF-8, or too large, is said to be so.
 * @param given relative to the worktree
 * @throws {PathRefused}
 */
export async function readText(worktree: string, given: string): Promise<QueryAnswer<'file.read'>> {
  const handle = await open(path.join(worktree, await checkWorktreePath(worktree, given, 'follow')), 'r')
  try {
    const { size } = await handle.stat()
    if (size > mostBytes) return { ok: true, text: '', binary: false, tooLarge: true, size, sha256: '' }
    const bytes = await handle.readFile()
    // A text in another encoding would come back changed.
    const binary = bytes.subarray(0, 8_000).includes(0) || !isUtf8(bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { ok: true, text: binary ? '' : bytes.toString('utf8'), binary, tooLarge: false, size, sha256 }
  } finally {
    await handle.close()
  }
}
