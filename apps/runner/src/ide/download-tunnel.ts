import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { changedFiles } from '../checkpoints/changed-files.ts'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { isWorktree } from '../git/worktree.ts'
import type { RunnerContext } from '../runner-context.ts'
import type { TunnelEnd } from '../tunnels/open-tunnel.ts'
import { ideWords } from './in-words.ts'
import { zipWorktree } from './worktree-zip.ts'

/** Bytes that wait in the tunnel before more of the zip is made. */
const mostWaiting = 4 * 1024 * 1024
const pieceBytes = 256 * 1024

/**
 * A tunnel's end that sends a worktree as a zip (I-10).
 * @param done told, in a sentence, when all of it was sent and taken
 * @throws with words for a person where there is none
 */
export async function downloadTunnel(
  context: RunnerContext,
  sessionId: string,
  name: string,
  done: (words: string) => void,
): Promise<TunnelEnd> {
  const worktree = await context.worktrees.find(sessionId)
  if (!worktree || !(await isWorktree(worktree)))
    throw new Error('The session has no worktree on this runner right now.')
  // Staging and commits wait meanwhile; an agent may go on working.
  const zip = await context.locks.with(`git/${sessionId}`, 'a download', () => zipWorktree(worktree, name))
  const changes = await changedFiles(worktree.path, worktree.baseCommit, await wholeTree(worktree.path))
  const deletions = changes.filter((file) => file.status === 'deleted').length
  const words = ideWords('downloaded session changes', { files: changes.length - deletions, deletions })
  const send = async (tunnel: WebSocket): Promise<void> => {
    try {
      for await (const part of zip.bytes) {
        const bytes = part as Buffer
        for (let at = 0; at < bytes.length; at += pieceBytes) tunnel.send(bytes.subarray(at, at + pieceBytes))
        while (tunnel.bufferedAmount > mostWaiting && tunnel.readyState === tunnel.OPEN)
          await new Promise((resolve) => setTimeout(resolve, 10))
        if (tunnel.readyState !== tunnel.OPEN) return
      }
      const closed = once(tunnel, 'close')
      tunnel.close(1000)
      const [code] = (await closed) as [number]
      if (code === 1000) done(words)
    } finally {
      await zip.drop()
    }
  }
  return (tunnel) =>
    void send(tunnel).catch((error: unknown) => {
      context.say(`A download of session ${sessionId} broke off: ${String(error)}`)
      tunnel.close(4500, 'The zip could not be made.')
    })
}

/** What the folder of a downloaded worktree is called. */
export const folderName = (workspace: string, branch: string): string =>
  `${workspace}-${branch.replace(/^coppice\//, '')}`.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') ||
  'session'
