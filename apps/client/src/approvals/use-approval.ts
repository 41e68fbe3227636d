import type { ApprovalDecision, ItemRow } from '@coppice/events'
import { createSignal, type Accessor } from 'solid-js'
import { sendToSession } from '../sync/commands.ts'
import { useReplica } from '../sync/replica-context.tsx'
import { keyDecision } from './approval-keys.ts'

/** One approval being answered: the reason as typed so far, and what sends the answer. */
export interface Answering {
  readonly item: ItemRow
  readonly reason: Accessor<string>
  setReason(text: string): void
  /** Sends the answer; a refusal (it was settled first) is told with its reason. */
  answer(decision: ApprovalDecision): void
  /** For the element that can be focused as a whole: keys act only on it, half a second after it got the focus. */
  readonly onFocus: () => void
  readonly onBlur: () => void
  readonly onKeyDown: (event: KeyboardEvent & { currentTarget: HTMLElement }) => void
}

/** Answers one approval, wherever it is drawn. */
export function useApproval(item: () => ItemRow): Answering {
  const { replica } = useReplica()
  const [reason, setReason] = createSignal('')
  let focusedAt = Infinity
  const answer = (decision: ApprovalDecision): void =>
    void sendToSession(replica, item(), 'approval.answer', {
      approvalId: item().itemId,
      decision,
      ...(decision === 'reject' && reason().trim() !== '' && { reason: reason().trim() }),
    })
  return {
    get item() {
      return item()
    },
    reason,
    setReason,
    answer,
    onFocus: () => (focusedAt = performance.now()),
    onBlur: () => (focusedAt = Infinity),
    onKeyDown(event) {
      const heldMs = performance.now() - focusedAt
      const decision = keyDecision(event, { onCard: event.target === event.currentTarget, heldMs })
      if (decision === undefined) return
      event.preventDefault()
      event.stopPropagation()
      answer(decision)
    },
  }
}
