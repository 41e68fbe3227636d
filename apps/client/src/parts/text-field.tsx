import { Show, type JSX } from 'solid-js'
import { Field } from './field.tsx'

/** A labelled text, on one line or, with `rows`, on several. */
export function TextField(props: {
  label: string
  hint?: string | undefined
  error?: string | undefined
  value: string
  onInput: (value: string) => void
  rows?: number
  /** Code: a fixed width, nothing is spell-checked. */
  mono?: boolean
  maxLength?: number
  /** A whole number between two. */
  range?: readonly [least: number, most: number]
  autofocus?: boolean
}): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(ids) => (
        <Show
          when={props.rows}
          fallback={
            <input
              id={ids.id}
              class="input"
              classList={{ mono: props.mono === true }}
              type={props.range ? 'number' : 'text'}
              min={props.range?.[0]}
              max={props.range?.[1]}
              spellcheck={props.mono !== true}
              maxLength={props.maxLength}
              autofocus={props.autofocus}
              aria-describedby={ids.describedBy}
              aria-invalid={ids.bad}
              value={props.value}
              onInput={(event) => props.onInput(event.currentTarget.value)}
            />
          }
        >
          {(rows) => (
            <textarea
              id={ids.id}
              class="input"
              classList={{ mono: props.mono === true }}
              rows={rows()}
              spellcheck={props.mono !== true}
              maxLength={props.maxLength}
              aria-describedby={ids.describedBy}
              aria-invalid={ids.bad}
              value={props.value}
              onInput={(event) => props.onInput(event.currentTarget.value)}
            />
          )}
        </Show>
      )}
    </Field>
  )
}
