import type { SessionRow } from '@coppice/events'
import { providerName } from '../parts/provider-mark.tsx'

const agentName = ({ provider, model }: SessionRow): string =>
  model === '' || model === provider ? providerName(provider) : `${providerName(provider)} ${model}`

/** What tells the sessions of a group apart, by id: "Claude Code opus", and a number where one stands there twice. */
export function agentNames(sessions: readonly SessionRow[]): ReadonlyMap<string, string> {
  const alike = Map.groupBy(sessions, agentName)
  return new Map(
    [...alike].flatMap(([name, all]) =>
      all.map(({ sessionId }, n): [string, string] => [sessionId, all.length === 1 ? name : `${name} (${n + 1})`]),
    ),
  )
}
