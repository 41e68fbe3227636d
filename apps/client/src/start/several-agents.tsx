import { LIMITS, type ProviderState } from '@coppice/events'
import { For, Index, Show, type JSX } from 'solid-js'
import { Button, IconButton } from '../parts/button.tsx'
import { ProviderMark } from '../parts/provider-mark.tsx'

/** A provider, and one of its models; empty where it has its own default. */
export interface AgentChoice {
  readonly provider: string
  readonly model: string
}

/** What the form begins with: the one that was chosen, and the next one that is there. */
export function firstAgents(providers: readonly ProviderState[], chosen: ProviderState): readonly AgentChoice[] {
  const there = providers.filter((one) => one.available)
  const other = there.find((one) => one.id !== chosen.id && one.id !== 'script') ?? chosen
  return [agentOf(chosen), agentOf(other)]
}

const agentOf = (provider: ProviderState, model?: string): AgentChoice => ({
  provider: provider.id,
  model: provider.models.find((one) => one.id === model)?.id ?? provider.models[0]?.id ?? '',
})

/** The agents that one prompt goes to, a row each. The same one may stand twice: two tries are two results. */
export function SeveralAgents(props: {
  providers: readonly ProviderState[]
  agents: readonly AgentChoice[]
  onChange: (agents: readonly AgentChoice[]) => void
}): JSX.Element {
  const providerOf = (agent: AgentChoice) => props.providers.find((one) => one.id === agent.provider)
  const change = (at: number, provider: string, model?: string) => {
    const chosen = props.providers.find((one) => one.id === provider)
    if (chosen) props.onChange(props.agents.with(at, agentOf(chosen, model)))
  }
  const add = () => {
    const last = props.agents.at(-1)
    if (last) props.onChange([...props.agents, last])
  }
  return (
    <>
      <ul class="column !gap-1" aria-label="Agents">
        <Index each={props.agents}>
          {(agent, at) => (
            <li class="row">
              <ProviderMark provider={agent().provider} />
              <label class="input min-w-0 flex-1">
                <select
                  aria-label={`Provider of agent ${at + 1}`}
                  value={agent().provider}
                  onChange={(event) => change(at, event.currentTarget.value)}
                >
                  <For each={props.providers}>
                    {(one) => (
                      <option value={one.id} disabled={!one.available} selected={one.id === agent().provider}>
                        {one.name}
                        {one.available ? '' : ' (not there)'}
                      </option>
                    )}
                  </For>
                </select>
              </label>
              <label class="input min-w-0 flex-1">
                <select
                  aria-label={`Model of agent ${at + 1}`}
                  value={agent().model}
                  disabled={(providerOf(agent())?.models.length ?? 0) < 2}
                  onChange={(event) => change(at, agent().provider, event.currentTarget.value)}
                >
                  <For each={providerOf(agent())?.models ?? []} fallback={<option value="">its own default</option>}>
                    {(one) => (
                      <option value={one.id} selected={one.id === agent().model}>
                        {one.name}
                      </option>
                    )}
                  </For>
                </select>
              </label>
              <IconButton
                icon="close"
                label={`Take agent ${at + 1} out`}
                disabled={props.agents.length <= 2}
                onClick={() => props.onChange(props.agents.toSpliced(at, 1))}
              />
            </li>
          )}
        </Index>
      </ul>
      <div class="row mt-1">
        <Show when={props.agents.length < LIMITS.groupSessions}>
          <Button small look="quiet" icon="plus" onClick={add}>
            Add an agent
          </Button>
        </Show>
        <span class="text-12 text-meta">
          Each works on a branch of its own, from one commit. Compare them, keep one.
        </span>
      </div>
    </>
  )
}
