import type { PermissionOption, RequestPermissionResponse } from '@agentclientprotocol/sdk/unstable'
import type { PermissionAnswer } from './happenings.ts'

/** An answer in the agent's own options: for once rather than for good. Where it has none that fits, it is told `cancelled`. */
export function outcomeOf(answer: PermissionAnswer, options: readonly PermissionOption[]): RequestPermissionResponse {
  const kinds = { allow: ['allow_once', 'allow_always'], reject: ['reject_once', 'reject_always'], cancelled: [] }
  const option = kinds[answer].map((kind) => options.find((one) => one.kind === kind)).find((one) => one !== undefined)
  return option
    ? { outcome: { outcome: 'selected', optionId: option.optionId } }
    : { outcome: { outcome: 'cancelled' } }
}
