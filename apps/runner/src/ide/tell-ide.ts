import { derivedId } from '../derived-id.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'

/** A line in the conversation about what a local editor did (I-22). What was done stays done where it cannot be told (I-24). */
export function tellIde(
  context: Pick<RunnerContext, 'observe' | 'say'>,
  address: Address,
  id: string,
  text: string,
  cause: Cause,
): void {
  const messageId = derivedId(id, 'ide')
  const data = { messageId, kind: 'system', source: 'coppice', text, completeness: 'whole' } as const
  context.observe(address, 'message.added', data, cause, `ide:${id}`).then(
    (told) => told || context.say(`What a local editor did is not told in ${address.stream}: ${text}`),
    (error: unknown) => context.say(`What a local editor did is not told in ${address.stream}: ${String(error)}`),
  )
}
