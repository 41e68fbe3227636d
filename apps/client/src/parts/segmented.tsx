import { For, type JSX } from 'solid-js'
import { arrowStep } from './arrow-step.ts'
import { Icon, type IconName } from './icon.tsx'

export interface Segment<T extends string> {
  value: T
  label: string
  icon?: IconName
  disabled?: boolean
  why?: string
}

/** A choice of a few, side by side. One tab stop; arrow keys choose. */
export function Segmented<T extends string>(props: {
  label: string
  options: readonly Segment<T>[]
  value: T
  onChange: (value: T) => void
  small?: boolean
  disabled?: boolean
}): JSX.Element {
  const buttons: HTMLButtonElement[] = []
  const move = (event: KeyboardEvent, from: number) => {
    const step = arrowStep(event)
    if (step === 0) return
    event.preventDefault()
    const open = props.options.map((_, i) => i).filter((i) => !props.options[i]?.disabled)
    const at = open[(open.indexOf(from) + step + open.length) % open.length]
    const option = at === undefined ? undefined : props.options[at]
    if (at === undefined || option === undefined) return
    props.onChange(option.value)
    buttons[at]?.focus()
  }
  return (
    <span class="segmented" classList={{ small: props.small === true }} role="radiogroup" aria-label={props.label}>
      <For each={props.options}>
        {(option, index) => (
          <button
            type="button"
            role="radio"
            ref={(element) => (buttons[index()] = element)}
            aria-checked={option.value === props.value}
            tabIndex={option.value === props.value ? 0 : -1}
            disabled={props.disabled === true || option.disabled === true}
            title={option.why}
            onClick={() => props.onChange(option.value)}
            onKeyDown={(event) => move(event, index())}
          >
            {option.icon ? <Icon name={option.icon} size="small" /> : null}
            {option.label}
          </button>
        )}
      </For>
    </span>
  )
}
