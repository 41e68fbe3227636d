import type { SessionUpdate } from '@agentclientprotocol/sdk/unstable'

/** Whether an agent says that it takes words in the middle of a turn. */
export function isSteerable(meta: { [key: string]: unknown } | null | undefined): boolean {
  const steering = meta?.['steering']
  return typeof steering === 'object' && steering !== null && 'supported' in steering && steering.supported === true
}

/** Codex tells of a failure of the model as words of its own, and marks them. */
export function failsBeside({ _meta: meta }: SessionUpdate): boolean {
  const codex = meta?.['codex']
  return typeof codex === 'object' && codex !== null && 'threadStatus' in codex && codex.threadStatus === 'systemError'
}
