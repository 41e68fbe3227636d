import type { SessionUpdate } from '@agentclientprotocol/sdk/unstable'

/** Whether an agent says that it takes words in the middle of a turn. */
export function isSteerable(meta: { [key: string]: unknown } | null | undefined): boolean {
  const steering = meta?.['steering']
  return typeof steering === 'object' && steering !== null && 'supported' in steering && steering.supported === true
}

/** Codex marks that the model failed, and says why in words of its own that follow. */
export function failsBeside({ _meta: meta }: SessionUpdate): boolean {
  const status = record(record(meta)['codex'])['threadStatus']
  return status === 'systemError' || record(status)['type'] === 'systemError'
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
