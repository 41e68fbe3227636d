import type { BotRow } from '@coppice/events'
import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { Field } from '../parts/field.tsx'
import { providerName } from '../parts/provider-mark.tsx'

/** Which bot leads a new session. */
export function BotChoice(props: {
  bots: readonly BotRow[]
  value: string
  onChange: (botId: string) => void
  onLeave: () => void
}): JSX.Element {
  const chosen = () => props.bots.find((one) => one.botId === props.value)
  return (
    <Show
      when={props.bots.length > 0}
      fallback={
        <p class="hint">
          This workspace has no bot yet.{' '}
          <A class="link underline" href="/settings/bots" onClick={() => props.onLeave()}>
            Make one under Settings, Bots
          </A>
        </p>
      }
    >
      <Field
        label="Bot"
        hint={`${providerName(chosen()?.provider ?? '')}; ${chosen()?.readOnly === false ? 'may change files' : 'only reads'}.`}
      >
        {(ids) => (
          <div class="input">
            <select
              id={ids.id}
              aria-describedby={ids.describedBy}
              value={props.value}
              onChange={(event) => props.onChange(event.currentTarget.value)}
            >
              <For each={props.bots}>
                {(one) => (
                  <option value={one.botId} selected={one.botId === props.value}>
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
