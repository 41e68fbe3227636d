import { Dialog as Base } from '@kobalte/core/dialog'
import { Show, type JSX } from 'solid-js'
import { IconButton } from './button.tsx'

/** The field marked `autofocus` gets the focus first; without one it is the first thing that can. */
const focusFirst = (event: Event): void => {
  const wanted = document.querySelector<HTMLElement>('.dialog [autofocus]')
  if (wanted === null) return
  event.preventDefault()
  wanted.focus()
  if (wanted instanceof HTMLTextAreaElement) {
    wanted.setSelectionRange(0, 0)
    wanted.scrollTop = 0
  }
}

/** A dialog: focus goes in, Escape closes it and gives the focus back (Kobalte keeps the trap). */
export function Dialog(props: {
  open: boolean
  onClose: () => void
  title: string
  /** Beside the title, before the close button. */
  aside?: JSX.Element
  footer?: JSX.Element
  wide?: boolean
  /** There is more in it than fits and nothing that takes the focus: it is scrolled by keyboard. */
  scrolls?: boolean
  children: JSX.Element
}): JSX.Element {
  return (
    <Base open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Base.Portal>
        <Base.Overlay class="scrim" />
        <div class="dialog-place">
          <Base.Content class="dialog" onOpenAutoFocus={focusFirst} classList={{ wide: props.wide === true }}>
            <header>
              <Base.Title class="font-medium">{props.title}</Base.Title>
              {props.aside}
              <span class="grow" />
              <IconButton icon="close" label="Close" large onClick={() => props.onClose()} />
            </header>
            <div class="dialog-body" tabIndex={props.scrolls ? 0 : undefined}>
              {props.children}
            </div>
            <Show when={props.footer}>
              <footer>{props.footer}</footer>
            </Show>
          </Base.Content>
        </div>
      </Base.Portal>
    </Base>
  )
}

/** An overlay without the dialog's frame, for the New popup and the palette. */
export function Popup(props: {
  open: boolean
  onClose: () => void
  label: string
  class: string
  beside?: boolean
  children: JSX.Element
}): JSX.Element {
  return (
    <Base open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Base.Portal>
        <Base.Overlay class="scrim" />
        <div class="dialog-place" classList={{ 'beside-sidebar': props.beside === true }}>
          <Base.Content class={`dialog ${props.class}`} onOpenAutoFocus={focusFirst} aria-label={props.label}>
            {props.children}
          </Base.Content>
        </div>
      </Base.Portal>
    </Base>
  )
}
