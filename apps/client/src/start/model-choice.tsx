import type { ProviderState } from '@coppice/events'
import { For, Show, type JSX } from 'solid-js'
import { Field } from '../parts/field.tsx'

/** A provider's own models, where there is something to choose. */
export function ModelChoice(props: {
  models: ProviderState['models']
  value: string
  onChange: (id: string) => void
}): JSX.Element {
  return (
    <Show when={props.models.length > 1}>
      <Field label="Model">
        {(ids) => (
          <div class="input">
            <select id={ids.id} value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
              <For each={props.models}>
                {(one) => (
                  <option value={one.id} selected={one.id === props.value}>
                    {one.name}
                  </option>
                )}
              </For>
            </select>
          </div>
        )}
      </Field>
    </Show>
  )
}
