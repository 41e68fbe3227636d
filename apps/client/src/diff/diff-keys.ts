import { onCleanup } from 'solid-js'
import { newSessionIn, overlay } from '../frame/frame-state.ts'

/** What the keys of the page do; each is one letter, and counts only outside fields. */
export interface DiffKeys {
  nextFile(step: 1 | -1): void
  nextChange(step: 1 | -1): void
  /** The chosen lines grow or shrink by one. */
  further(step: 1 | -1): void
  viewed(): void
  comment(): void
  /** The hunk of the chosen line. */
  stage(): void
  unstage(): void
  blame(): void
  filter(): void
  fold(): void
  send(): void
}

const isField = (target: EventTarget | undefined): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox') ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement)

/** Listens before the app's own keys do: here C is a comment, not a new session. */
export function useDiffKeys(keys: DiffKeys): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || overlay() !== 'none' || newSessionIn() !== undefined) return
    if (document.querySelector('[role="dialog"], [role="menu"]')) return
    if (isField(event.composedPath()[0])) return
    const act = actOf(event, keys)
    if (!act) return
    event.preventDefault()
    act()
  }
  addEventListener('keydown', onKey, { capture: true })
  onCleanup(() => removeEventListener('keydown', onKey, { capture: true }))
}

function actOf(event: KeyboardEvent, keys: DiffKeys): (() => void) | undefined {
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') return keys.send
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  switch (event.key) {
    case 'j':
      return () => keys.nextFile(1)
    case 'k':
      return () => keys.nextFile(-1)
    case 'n':
      return () => keys.nextChange(1)
    case 'p':
      return () => keys.nextChange(-1)
    case 'v':
      return keys.viewed
    case 'c':
    case 'm':
      return keys.comment
    case 's':
      return keys.stage
    case 'u':
      return keys.unstage
    case 'b':
      return keys.blame
    case 't':
      return keys.filter
    case 'x':
      return keys.fold
    case 'ArrowDown':
      return event.shiftKey ? () => keys.further(1) : undefined
    case 'ArrowUp':
      return event.shiftKey ? () => keys.further(-1) : undefined
    default:
      return undefined
  }
}
