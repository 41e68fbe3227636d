import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { SessionEvent } from './events.ts'
import type { SessionState } from './state.ts'
import { attachmentSchema, pathSchema } from './vocabulary.ts'

const paths = z.array(pathSchema).max(LIMITS.uploadPathsShown)

/** What somebody has sent from their own editor, and what it would change; nothing is applied before they say so (I-16). */
export const ideOfferSchema = z.object({
  operationId: idSchema,
  zip: attachmentSchema,
  /** The first of them; the counts cover the rest. */
  changed: paths,
  deleted: paths,
  changedCount: z.int().min(0),
  deletedCount: z.int().min(0),
  /** Of both, those that are changed in the worktree too and would be overwritten. */
  overwrites: paths,
})
export type IdeOffer = z.infer<typeof ideOfferSchema>

export const ideCommands = {
  /** From the server only, on behalf of who sent it. */
  'ide.offer': ideOfferSchema,
}
export const ideDecisions = { 'ide.offered': ideOfferSchema }

/** An upload that waits to be confirmed. */
export interface WaitingUpload {
  readonly operationId: string
  readonly sha256: string
  readonly by: string
}

/** Chats and bots have no files that an editor could go on with (I-27). */
export function ideRefusal(state: Pick<SessionState, 'mode'>): Refusal | undefined {
  return state.mode !== 'develop'
    ? refuse('wrong_state', 'Only develop sessions can go on in an editor: a chat or a bot has no files for it.')
    : undefined
}

/** Takes an upload up; of several the newest few wait. */
export const offerUpload = (data: IdeOffer, state: SessionState): readonly SessionEvent[] | Refusal =>
  ideRefusal(state) ??
  (state.worktree === 'ready'
    ? [{ type: 'ide.offered' as const, data }]
    : refuse('wrong_state', 'The session has no worktree right now.'))

export const withUpload = (uploads: readonly WaitingUpload[], upload: WaitingUpload): readonly WaitingUpload[] =>
  [...uploads.filter((one) => one.operationId !== upload.operationId), upload].slice(-LIMITS.waitingUploads)

/** Whether an upload may be applied: it waits, and who asks is who sent it. */
export function applyRefusal(
  of: { operationId: string; sha256: string },
  by: string,
  uploads: readonly WaitingUpload[],
): Refusal | undefined {
  const upload = uploads.find((one) => one.operationId === of.operationId)
  if (!upload || upload.sha256 !== of.sha256)
    return refuse('not_found', 'This upload was applied or dismissed already. Upload again from your editor.')
  return upload.by === by ? undefined : refuse('forbidden', 'Only who has sent an upload can apply it.')
}
