import type { BotState } from '@coppice/events'
import { checkpointRef, createCheckpoint, type Checkpoint } from '../checkpoints/checkpoint.ts'
import { restoreCheckpoint } from '../checkpoints/restore.ts'
import { derivedId } from '../derived-id.ts'
import { git } from '../git/git.ts'
import { commitOf } from '../git/repository.ts'
import { checkpointReport } from './checkpoint-report.ts'
import type { TurnParts } from './turn-parts.ts'

const words =
  'This bot only reads, and files had changed in its turn all the same. They are as they were before it; what it did is kept in the checkpoint of the turn’s end.'

/**
 * An agent that changes files without asking gets past every question. Where a bot only reads, its files are brought back to how
 * they were before the turn (BOT-2). @param kept the files as the turn left them
 */
export async function putBack(
  { worktree, turnId }: Pick<TurnParts, 'worktree' | 'turnId'>,
  bot: Pick<BotState, 'readOnly'> | undefined,
  kept: Checkpoint,
  tell: {
    observe(type: 'checkpoint.created', data: ReturnType<typeof checkpointReport>, step: string): void
    say(text: string, step: string): void
  },
): Promise<void> {
  if (bot?.readOnly !== true) return
  const ref = checkpointRef(worktree.sessionId, derivedId(turnId, 'turn_start'))
  const commit = await commitOf(worktree.repository.home, ref)
  if (commit === undefined) return
  const tree = (await git(worktree.repository.home, ['rev-parse', `${commit}^{tree}`])).trim()
  if (tree === kept.tree) return
  await restoreCheckpoint(worktree, { commit, tree })
  const now = await createCheckpoint(worktree, derivedId(kept.id, 'put_back'), 'after files were put back')
  tell.observe('checkpoint.created', checkpointReport(now, 'manual', turnId), 'checkpoint:put_back')
  tell.say(words, 'putBack')
}
