import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js'
import { Icon, type IconName } from './icon.tsx'
import { Popup } from './overlay.tsx'

/**
 * A field over the page and a list of what fits under it: typing narrows, arrows move, Enter chooses.
 * @param T what stands in the list
 */
export function Finder<T>(props: {
  /** Of the whole, for a screen reader. */
  label: string
  /** Of the field, and what stands in it while it is empty. */
  field: { label: string; placeholder: string; icon: IconName }
  /** Of the list, for a screen reader. */
  listLabel: string
  text: string
  onText: (text: string) => void
  entries: readonly T[]
  /** What one says; `chosen` where Enter would take it. */
  children: (entry: T, index: () => number, chosen: () => boolean) => JSX.Element
  /** The head that stands over an entry that begins a group. */
  groupOf?: (entry: T) => string
  disabled?: (entry: T) => boolean
  choose: (entry: T) => void
  /** Said under the list: that nothing fits, that it is not all. */
  note: string
  onClose: () => void
}): JSX.Element {
  const [at, setAt] = createSignal(0)
  let list: HTMLDivElement | undefined
  createEffect(on([() => props.text], () => setAt(0)))
  const move = (step: number) => {
    setAt((n) => Math.min(props.entries.length - 1, Math.max(0, n + step)))
    list?.querySelector(`#found-${at()}`)?.scrollIntoView({ block: 'nearest' })
  }
  const choose = (entry: T | undefined) => {
    if (entry === undefined || props.disabled?.(entry)) return
    props.choose(entry)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 && event.key !== 'Enter') return
    event.preventDefault()
    if (step === 0) choose(props.entries[at()])
    else move(step)
  }
  const begins = (entry: T, index: number) => {
    const before = props.entries[index - 1]
    const group = props.groupOf?.(entry) ?? ''
    return group !== '' && (before === undefined || props.groupOf?.(before) !== group) ? group : undefined
  }
  return (
    <Popup open label={props.label} class="palette" onClose={props.onClose}>
      <label class="palette-query row">
        <Icon name={props.field.icon} />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls="found"
          aria-activedescendant={`found-${at()}`}
          aria-label={props.field.label}
          placeholder={props.field.placeholder}
          autocomplete="off"
          spellcheck={false}
          value={props.text}
          autofocus
          onInput={(event) => props.onText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </label>
      <div ref={list} id="found" class="palette-list" role="listbox" aria-label={props.listLabel}>
        <For each={props.entries}>
          {(entry, index) => (
            <>
              <Show when={begins(entry, index())}>
                {(group) => (
                  <div class="menu-head" role="presentation">
                    {group()}
                  </div>
                )}
              </Show>
              <div
                id={`found-${index()}`}
                class="menu-item"
                role="option"
                aria-selected={index() === at()}
                aria-disabled={props.disabled?.(entry)}
                onPointerMove={() => setAt(index())}
                onClick={() => choose(entry)}
              >
                {props.children(entry, index, () => index() === at())}
              </div>
            </>
          )}
        </For>
        <Show when={props.note !== ''}>
          <p class="px-2 py-3 text-12 text-meta" role="status">
            {props.note}
          </p>
        </Show>
      </div>
    </Popup>
  )
}
