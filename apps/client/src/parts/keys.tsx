import { For, type JSX } from 'solid-js'

/** A shortcut, one `kbd` a key. Decoration: the control's `aria-keyshortcuts` is what is announced. */
export function Keys(props: { of: readonly string[] }): JSX.Element {
  return (
    <span class="inline-flex" aria-hidden="true">
      <For each={props.of}>{(key) => <kbd>{key}</kbd>}</For>
    </span>
  )
}
