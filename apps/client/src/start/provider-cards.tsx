import type { ProviderState } from '@coppice/events'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { plural } from '../format/numbers.ts'
import { arrowStep } from '../parts/arrow-step.ts'
import { ProviderMark } from '../parts/provider-mark.tsx'

const about = (provider: ProviderState): string =>
  !provider.available
    ? provider.reason
    : provider.id === 'script'
      ? 'Runs the shell and file blocks you write'
      : provider.models.length === 0
        ? 'Its own default model'
        : plural(provider.models.length, 'model')

function Card(props: { provider: ProviderState }): JSX.Element {
  return (
    <>
      <ProviderMark provider={props.provider.id} />
      <span class="provider-name font-medium">{props.provider.name}</span>
      <span class="state">
        {props.provider.available
          ? props.provider.id === 'script'
            ? 'no model'
            : props.provider.version
          : 'not there'}
      </span>
      <small title={about(props.provider)}>{about(props.provider)}</small>
    </>
  )
}

/** What was found, to look at. */
export function ProviderList(props: { providers: readonly ProviderState[] }): JSX.Element {
  return (
    <ul class="providers">
      <For each={props.providers}>
        {(provider) => (
          <li class="provider" classList={{ missing: !provider.available }}>
            <Card provider={provider} />
          </li>
        )}
      </For>
    </ul>
  )
}

/**
 * The same, to choose from: what is there first. One that is not there is greyed, with the reason and what to do, on one
 * line until it is clicked.
 */
export function ProviderChoice(props: {
  providers: readonly ProviderState[]
  value: string
  onChange: (id: string) => void
}): JSX.Element {
  const buttons = new Map<string, HTMLButtonElement>()
  const [unfolded, setUnfolded] = createSignal<string>()
  const there = () => props.providers.filter((provider) => provider.available)
  const inOrder = () => [...there(), ...props.providers.filter((provider) => !provider.available)]
  const click = (provider: ProviderState) => {
    if (provider.available) props.onChange(provider.id)
    else setUnfolded((was) => (was === provider.id ? undefined : provider.id))
  }
  const move = (event: KeyboardEvent) => {
    const step = arrowStep(event)
    if (step === 0) return
    event.preventDefault()
    const all = there()
    const next = all[(all.findIndex((one) => one.id === props.value) + step + all.length) % all.length]
    if (next === undefined) return
    props.onChange(next.id)
    buttons.get(next.id)?.focus()
  }
  return (
    <div class="providers" role="radiogroup" aria-label="Provider" onKeyDown={move}>
      <For each={inOrder()}>
        {(provider) => (
          <button
            type="button"
            role="radio"
            class="provider"
            classList={{ missing: !provider.available, brief: !provider.available && unfolded() !== provider.id }}
            ref={(button) => buttons.set(provider.id, button)}
            aria-checked={provider.id === props.value}
            aria-disabled={!provider.available}
            tabIndex={provider.id === props.value ? 0 : -1}
            onClick={() => click(provider)}
          >
            <Card provider={provider} />
          </button>
        )}
      </For>
      <Show when={props.providers.length === 0}>
        <p class="text-12 text-meta">The runner has not told yet what it can start.</p>
      </Show>
    </div>
  )
}
