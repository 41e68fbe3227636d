import { toggleIds, type Toggle } from '@coppice/events'
import { For, type JSX } from 'solid-js'
import { Icon } from '../parts/icon.tsx'
import { toggleWords } from './toggle-words.ts'

/** The seven toggles, each on or off. */
export function ToggleChips(props: {
  label: string
  on: readonly Toggle[]
  disabled?: boolean
  onChange: (toggle: Toggle, on: boolean) => void
}): JSX.Element {
  return (
    <div class="toggle-chips" role="group" aria-label={props.label}>
      <For each={toggleIds}>
        {(toggle) => {
          const on = () => props.on.includes(toggle)
          return (
            <button
              type="button"
              class="chip"
              aria-pressed={on()}
              disabled={props.disabled === true}
              title={toggleWords[toggle].why}
              onClick={() => props.onChange(toggle, !on())}
            >
              <span class="checkbox" classList={{ on: on() }} aria-hidden="true">
                <Icon name="check" />
              </span>
              {toggleWords[toggle].label}
            </button>
          )
        }}
      </For>
    </div>
  )
}
