import type { ApprovalDecision } from '@coppice/events'

/** Nobody approves by typing on: keys count only so long after the card got the focus. */
export const KEYS_AFTER_MS = 500

const decisions: Record<string, ApprovalDecision> = { y: 'allow_once', s: 'allow_session', n: 'reject' }

/** What a key on an approval means, if anything. Pure. */
export function keyDecision(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>,
  focus: { onCard: boolean; heldMs: number },
): ApprovalDecision | undefined {
  if (!focus.onCard || focus.heldMs < KEYS_AFTER_MS || event.repeat) return undefined
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  return decisions[event.key.toLowerCase()]
}
