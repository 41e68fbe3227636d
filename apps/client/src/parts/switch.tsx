import { Show, type JSX } from 'solid-js'

/** Something that is on or off at once, without a word like Save. */
export function Switch(props: {
  /** Its name; shown beside it where `shown` is set. */
  label: string
  shown?: string
  on: boolean
  disabled?: boolean
  onChange: (on: boolean) => void
}): JSX.Element {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={props.on}
      aria-label={props.label}
      disabled={props.disabled === true}
      onClick={() => props.onChange(!props.on)}
    >
      <span class="knob" aria-hidden="true" />
      <Show when={props.shown}>
        <span class="text-12 text-supports">{props.shown}</span>
      </Show>
    </button>
  )
}
