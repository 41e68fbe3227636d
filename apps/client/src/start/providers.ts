import type { ProviderState, RunnerRow } from '@coppice/events'

/** Ids of all providers that are known by name, in the order they stand. */
const order = ['coppice-code', 'claude-code', 'codex', 'gemini', 'opencode', 'kilo', 'qwen', 'script']

const place = (provider: ProviderState): number => {
  const at = order.indexOf(provider.id)
  return at < 0 ? order.length : at
}

/** What a runner can start, those that are there first. */
export const providersOf = (runner: RunnerRow | undefined): readonly ProviderState[] =>
  [...(runner?.providers ?? [])].sort((a, b) => Number(b.available) - Number(a.available) || place(a) - place(b))

/** The one to begin with: what was used last, else the first with a model, else Script, which needs none. */
export function preselected(providers: readonly ProviderState[], last: string | undefined): ProviderState | undefined {
  const there = providers.filter((provider) => provider.available)
  return (
    there.find((provider) => provider.id === last) ??
    there.find((provider) => provider.id !== 'script' && provider.models.length > 0) ??
    there.find((provider) => provider.id === 'script') ??
    there[0]
  )
}
