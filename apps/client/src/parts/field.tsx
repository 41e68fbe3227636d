import { createUniqueId, Show, type JSX } from 'solid-js'

/** A labelled control with its hint or its error below. The child gets the ids that tie them together. */
export function Field(props: {
  label: string
  hint?: string | undefined
  error?: string | undefined
  children: (ids: { id: string; describedBy: string | undefined; bad: boolean }) => JSX.Element
}): JSX.Element {
  const id = createUniqueId()
  const note = () => props.error ?? props.hint
  return (
    <div class="min-w-0">
      <label class="field-label" for={id}>
        {props.label}
      </label>
      {props.children({
        id,
        get describedBy() {
          return note() === undefined ? undefined : `${id}-note`
        },
        get bad() {
          return props.error !== undefined
        },
      })}
      <Show when={note()}>
        <p
          id={`${id}-note`}
          class="hint"
          classList={{ bad: props.error !== undefined }}
          role={props.error ? 'alert' : undefined}
        >
          {note()}
        </p>
      </Show>
    </div>
  )
}
