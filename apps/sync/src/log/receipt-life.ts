import { refuse, type Command, type Refusal } from '@coppice/events'
import { LIMITS } from '../limits.ts'
import type { QueryAnswer } from '../store/event-store.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * A command that is older than receipts are kept, by its own account. Whether it was refused before is not known any more,
 * so it is not done: its text is kept where it comes from, and can be sent anew.
 */
export function tooOld(command: Command, now: number): Refusal | undefined {
  const days = Math.floor((now - command.occurredAt) / DAY_MS)
  return days > LIMITS.receiptDays
    ? refuse(
        'too_old',
        `This was written ${days} days ago and never arrived; it was not done. Send it again if it still holds.`,
      )
    : undefined
}

/** Lets go of receipts whose life is over. Gives how many went. */
export async function forgetOldReceipts(store: {
  query(sql: string, parameters: readonly unknown[]): Promise<QueryAnswer>
}): Promise<number> {
  const sql = 'delete from receipts where answered_at < now() - make_interval(days => $1::int)'
  // A day longer than commands are taken: one that is just young enough still finds its answer.
  return (await store.query(sql, [LIMITS.receiptDays + 1])).affectedRows
}

/** Does it now, and every day. Gives what ends it. */
export function keepReceiptsYoung(
  store: Parameters<typeof forgetOldReceipts>[0],
  report: (error: unknown) => void,
): () => void {
  const once = (): void => void forgetOldReceipts(store).catch(report)
  once()
  const timer = setInterval(once, DAY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
